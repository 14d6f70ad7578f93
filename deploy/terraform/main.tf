data "aws_region" "current" {}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  front_port = 4000
  admin_port = 4001

  # as the front has it in its metrics: without the port that the scheme means anyway
  backend_secure = startswith(var.backend_origin, "https:")
  backend_host   = trimsuffix(split("//", var.backend_origin)[1], local.backend_secure ? ":443" : ":80")
  backend_port   = tonumber(try(regex(":([0-9]+)$", var.backend_origin)[0], local.backend_secure ? "443" : "80"))

  environment = merge(var.routes_in_image ? {} : { BACKEND_ORIGIN = var.backend_origin }, {
    DNS_SERVERS         = "169.254.169.253"
    METRICS             = "emf"
    SERVICE_NAME        = var.name
    SERVICE_ENVIRONMENT = var.environment_name
    TRUSTED_PROXIES     = join(",", var.trusted_proxies)
    # with a token whoever the security group lets in: to open it later replaces no task
  }, contains(keys(var.secrets), "ADMIN_TOKEN") ? { ADMIN_HOST = "0.0.0.0" } : {}, var.environment)

  own_resolvers = distinct([
    for each in try(regexall("(?:^|,)\\s*([0-9]+(?:\\.[0-9]+){3})(?::([0-9]+))?", var.environment["DNS_SERVERS"]), []) :
    { address = each[0], port = tonumber(coalesce(each[1], "53")) } if each[0] != "169.254.169.253"
  ])

  # one text for each: a list with ids that are made in the same run has a known length only as long as nothing is left out
  reached = concat(
    [for id in var.backend_security_group_ids : "${id} ${local.backend_port}"],
    [for each in var.reach : "${each.security_group_id} ${each.port}"],
  )

  container = {
    name                   = "front"
    image                  = var.image
    essential              = true
    memory                 = var.memory
    user                   = "10001:10001"
    readonlyRootFilesystem = true
    stopTimeout            = var.stop_timeout
    linuxParameters        = { capabilities = { drop = ["ALL"] }, initProcessEnabled = false }
    portMappings           = [{ name = "http", containerPort = local.front_port, protocol = "tcp" }]
    environment            = [for name, value in local.environment : { name = name, value = value } if value != null]
    secrets                = [for name, arn in var.secrets : { name = name, valueFrom = arn }]
    healthCheck = {
      command     = ["CMD", "env", "-u", "NODE_OPTIONS", "node", "/app/dist/healthcheck.mjs"]
      interval    = 30
      timeout     = 5
      retries     = 3
      startPeriod = var.start_seconds
    }
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        "awslogs-group"         = aws_cloudwatch_log_group.this.name
        "awslogs-region"        = data.aws_region.current.region
        "awslogs-stream-prefix" = var.name
        mode                    = "non-blocking"
        "max-buffer-size"       = "25m" # the construct says why
      }
    }
  }
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/${var.name}"
  retention_in_days = var.log_days
}

resource "aws_ecs_task_definition" "this" {
  family                   = var.name
  cpu                      = var.cpu
  memory                   = var.memory
  network_mode             = "awsvpc"
  requires_compatibilities = ["FARGATE"]
  execution_role_arn       = aws_iam_role.execution.arn
  task_role_arn            = aws_iam_role.task.arn
  container_definitions    = jsonencode([local.container])

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = var.architecture
  }
}

resource "aws_lb_target_group" "this" {
  name                 = var.name
  vpc_id               = var.vpc_id
  port                 = local.front_port
  protocol             = "HTTP"
  target_type          = "ip"
  deregistration_delay = var.deregistration_delay

  health_check {
    path                = "${try(trimspace(var.environment["HEALTH_PREFIX"]), "")}/healthz"
    matcher             = "200"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }
}

resource "aws_lb_listener_rule" "this" {
  listener_arn = var.listener_arn
  priority     = var.listener_priority

  condition {
    host_header {
      values = var.hosts
    }
  }

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this.arn
  }
}

resource "aws_ecs_service" "this" {
  name                               = var.name
  cluster                            = var.cluster_name
  task_definition                    = aws_ecs_task_definition.this.arn
  launch_type                        = "FARGATE"
  desired_count                      = var.least_tasks
  availability_zone_rebalancing      = "ENABLED"
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  health_check_grace_period_seconds  = var.start_seconds
  enable_execute_command             = false
  enable_ecs_managed_tags            = true
  propagate_tags                     = "SERVICE"

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  alarms {
    alarm_names = [for name in local.deployment_alarms : aws_cloudwatch_metric_alarm.this[name].alarm_name]
    enable      = true
    rollback    = true
  }

  network_configuration {
    subnets          = var.subnet_ids
    security_groups  = [aws_security_group.tasks.id]
    assign_public_ip = false
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.this.arn
    container_name   = local.container.name
    container_port   = local.front_port
  }

  lifecycle {
    # autoscaling has the number
    ignore_changes = [desired_count]
  }

  # ECS refuses a target group that no listener has, and a task that starts before its role has its rights fails
  depends_on = [aws_lb_listener_rule.this, aws_iam_role_policy.execution]
}

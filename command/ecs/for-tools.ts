import { DEPLOYMENT, TARGET_HEALTH } from './front.ts'
import { type Service, WIDE } from './service.ts'

const { matcher, interval, timeout, healthy, unhealthy } = TARGET_HEALTH

/** The fields of ecspresso's service definition that change. */
export function ecspressoService({ container, port, startSeconds }: Service): string {
  const fields = {
    deploymentConfiguration: DEPLOYMENT,
    healthCheckGracePeriodSeconds: startSeconds,
    loadBalancers: [
      { containerName: container, containerPort: port, targetGroupArn: 'arn:aws:elasticloadbalancing:…' },
    ],
  }
  return `${JSON.stringify(fields, null, 2)}\n`
}

/** Arguments of the team's own Terraform resources. */
export function terraform(service: Service): string {
  const { container, port, targetType, healthPath, deregistrationDelay, startSeconds } = service
  return `# In the resources that you have; what is not named here stays as it is.
locals {
  gatehouse = jsondecode(file("\${path.module}/task-definition.json"))
}

resource "aws_ecs_task_definition" "app" {
  container_definitions = jsonencode(local.gatehouse.containerDefinitions)
  # volume blocks: those of task-definition.json, no others
}

resource "aws_ecs_service" "app" {
  health_check_grace_period_seconds  = ${startSeconds}
  deployment_minimum_healthy_percent = ${DEPLOYMENT.minimumHealthyPercent}
  deployment_maximum_percent         = ${DEPLOYMENT.maximumPercent}

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.app.arn
    container_name   = "${container}"
    container_port   = ${port}
  }
}

resource "aws_lb_target_group" "app" {
  # changing port or target_type makes a new target group: in place, leave them
  port                 = ${port}
  protocol             = "HTTP"
  target_type          = "${targetType}"
  deregistration_delay = ${deregistrationDelay}

  health_check {
    path                = "${healthPath}"
    port                = "traffic-port"
    matcher             = "${matcher}" # in place, until the old tasks have gone: "${WIDE}", and the old path
    interval            = ${interval}
    timeout             = ${timeout}
    healthy_threshold   = ${healthy}
    unhealthy_threshold = ${unhealthy}
  }
}
`
}

locals {
  # listener/app/web/50dc…/f2f7… of the listener's ARN, as CloudWatch names the load balancer: app/web/50dc…
  load_balancer = join("/", slice(split("/", var.listener_arn), 1, 4))

  # alarms.json and dashboard.json are the construct's own, made by npm run export in deploy/
  values = {
    service       = var.name
    environment   = var.environment_name
    backend       = local.backend_host
    cluster       = var.cluster_name
    target_group  = aws_lb_target_group.this.arn_suffix
    load_balancer = local.load_balancer
    log_group     = aws_cloudwatch_log_group.this.name
    least_tasks   = var.least_tasks
    partition     = data.aws_partition.current.partition
    region        = data.aws_region.current.region
    account       = data.aws_caller_identity.current.account_id
    docs          = var.docs
  }
  # which alarms there are has to be known before anything is made; their values are known only then
  alarm_rules       = jsondecode(file("${path.module}/alarms.json"))
  alarm_values      = jsondecode(templatefile("${path.module}/alarms.json", local.values))
  deployment_alarms = [for name, alarm in local.alarm_rules : name if alarm.rolls_back]
}

resource "aws_sns_topic" "alarms" {
  name = "${var.name}-alarms"
}

resource "aws_sns_topic_policy" "alarms" {
  arn = aws_sns_topic.alarms.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Action    = "sns:Publish"
        Resource  = aws_sns_topic.alarms.arn
        Principal = { Service = "cloudwatch.amazonaws.com" }
        Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id } }
      },
      {
        Effect    = "Deny"
        Action    = "sns:Publish"
        Resource  = aws_sns_topic.alarms.arn
        Principal = "*"
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}

resource "aws_sns_topic_subscription" "alarms" {
  for_each = toset(var.alarm_emails)

  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = each.value
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarm_rules

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = local.alarm_values[each.key].description
  comparison_operator = each.value.comparison_operator
  evaluation_periods  = each.value.evaluation_periods
  threshold           = local.alarm_values[each.key].threshold
  treat_missing_data  = each.value.treat_missing_data
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]

  dynamic "metric_query" {
    for_each = each.value.queries

    content {
      id          = metric_query.value.id
      expression  = metric_query.value.expression
      return_data = metric_query.value.return_data

      dynamic "metric" {
        for_each = metric_query.value.metric == null ? [] : [metric_query.value.metric]

        content {
          namespace   = metric.value.namespace
          metric_name = metric.value.metric_name
          dimensions  = { for name, mark in metric.value.dimensions : name => local.values[trimsuffix(trimprefix(mark, "$${"), "}")] }
          period      = metric.value.period
          stat        = metric.value.stat
        }
      }
    }
  }
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name
  dashboard_body = templatefile("${path.module}/dashboard.json", local.values)
}

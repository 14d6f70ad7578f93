output "service_name" {
  value = aws_ecs_service.this.name
}

output "task_definition_arn" {
  value = aws_ecs_task_definition.this.arn
}

output "target_group_arn" {
  value = aws_lb_target_group.this.arn
}

output "task_security_group_id" {
  description = "The private ALB's security group has to let it in"
  value       = aws_security_group.tasks.id
}

output "log_group_name" {
  value = aws_cloudwatch_log_group.this.name
}

output "alarm_topic_arn" {
  value = aws_sns_topic.alarms.arn
}

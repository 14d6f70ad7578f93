locals {
  assumed_by_ecs = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
    }]
  })

  # account, region and repository of an image in ECR; of another registry the execution role needs no right
  repository = try(regex("^([0-9]{12})[.]dkr[.]ecr[.]([a-z0-9-]+)[.]amazonaws[.]com(?:[.]cn)?/([^:@]+)", var.image), ["*", "*", "*"])

  secret_arns    = [for arn in values(var.secrets) : join(":", slice(split(":", arn), 0, 7)) if strcontains(arn, ":secretsmanager:")]
  parameter_arns = [for arn in values(var.secrets) : arn if strcontains(arn, ":ssm:")]

  execution_statements = concat(
    [
      {
        Effect   = "Allow"
        Action   = ["ecr:GetAuthorizationToken"]
        Resource = ["*"]
      },
      {
        Effect   = "Allow"
        Action   = ["ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"]
        Resource = ["arn:${data.aws_partition.current.partition}:ecr:${local.repository[1]}:${local.repository[0]}:repository/${local.repository[2]}"]
      },
      {
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = ["${aws_cloudwatch_log_group.this.arn}:*"]
      },
    ],
    length(local.secret_arns) == 0 ? [] : [{
      Effect   = "Allow"
      Action   = ["secretsmanager:GetSecretValue"]
      Resource = local.secret_arns
    }],
    length(local.parameter_arns) == 0 ? [] : [{
      Effect   = "Allow"
      Action   = ["ssm:GetParameters"]
      Resource = local.parameter_arns
    }],
    var.secrets_key_arn == null ? [] : [{
      Effect   = "Allow"
      Action   = ["kms:Decrypt"]
      Resource = [var.secrets_key_arn]
    }],
  )
}

resource "aws_iam_role" "execution" {
  name_prefix        = "${var.name}-execution-"
  assume_role_policy = local.assumed_by_ecs
}

resource "aws_iam_role_policy" "execution" {
  name   = "start"
  role   = aws_iam_role.execution.id
  policy = jsonencode({ Version = "2012-10-17", Statement = local.execution_statements })
}

resource "aws_iam_role" "task" {
  name_prefix        = "${var.name}-task-"
  assume_role_policy = local.assumed_by_ecs
}

resource "aws_iam_role_policy" "task" {
  count = length(var.task_role_policies)

  name   = "app-${count.index + 1}"
  role   = aws_iam_role.task.id
  policy = var.task_role_policies[count.index]
}

variable "name" {
  description = "Name of the service; alarms begin with it, and it is the dimension Service of the metrics"
  type        = string
  default     = "gatehouse"
}

variable "environment_name" {
  description = "The dimension Environment of the metrics: production, staging"
  type        = string
  default     = "production"
}

variable "cluster_name" {
  description = "The ECS cluster that exists"
  type        = string
}

variable "listener_arn" {
  description = "The HTTPS listener of the ALB that exists. Its idle timeout must be above BACKEND_TIMEOUT (55 s) and the timeout of each route, and below KEEP_ALIVE_TIMEOUT (75 s): 60 s"
  type        = string
}

variable "load_balancer_security_group_id" {
  description = "Security group of that ALB: from it the tasks accept requests. Where it does not let everything out, it has to let out to port 4000"
  type        = string
}

variable "listener_priority" {
  description = "Priority of the rule that is added to the listener"
  type        = number
}

variable "hosts" {
  description = "Hosts that are for this service, five at most: [\"www.dev.jp\"]"
  type        = list(string)

  validation {
    condition     = length(var.hosts) >= 1 && length(var.hosts) <= 5
    error_message = "Accepted: one host to five; a rule of an ALB has no more."
  }
}

variable "vpc_id" {
  type = string
}

variable "subnet_ids" {
  description = "Private subnets of the tasks, in two zones or more, with a way to ECR, CloudWatch Logs and Secrets Manager"
  type        = list(string)
}

variable "trusted_proxies" {
  description = "IPv4 ranges of the ALB's subnets: whose X-Forwarded-For is trusted"
  type        = list(string)
}

variable "image" {
  description = "Image with tag or digest: 111122223333.dkr.ecr.ap-northeast-1.amazonaws.com/gatehouse:1.0.0. Of ECR the tasks may pull from its repository alone"
  type        = string
}

variable "backend_origin" {
  description = "Where the API is, in lower case and without a path: https://api.dev.jp"
  type        = string

  validation {
    condition     = can(regex("^https?://[a-z0-9.-]+(:[0-9]+)?$", var.backend_origin))
    error_message = "Accepted: an origin such as https://api.dev.jp or https://api.dev.jp:8443, in lower case, without a path."
  }
}

variable "routes_in_image" {
  description = "Whether the image has gatehouse.config.ts: BACKEND_ORIGIN is not set then, backend_origin is where the file has its logins, and reach has the other APIs"
  type        = bool
  default     = false
}

variable "backend_security_group_ids" {
  description = "Security group of the private ALB: the tasks are let out to it, at the port of backend_origin. Neither these nor backend_ranges, nor that port in reach: port 443 alone, which is open to all addresses"
  type        = list(string)
  default     = []
}

variable "backend_ranges" {
  description = "IPv4 ranges of an API without a security group that could be named: an NLB, another network"
  type        = list(string)
  default     = []
}

variable "reach" {
  description = "What else the tasks reach: [{ security_group_id = \"sg-…\", port = 6379 }], the Valkey of LIMIT_STORE, say, or further APIs of gatehouse.config.ts; not backend_security_group_ids at the port of backend_origin again"
  type        = list(object({ security_group_id = string, port = number }))
  default     = []
}

variable "cpu" {
  description = "1024 is one vCPU"
  type        = number
  default     = 512
}

variable "memory" {
  description = "MiB"
  type        = number
  default     = 1024
}

variable "architecture" {
  description = "What the image was built for: X86_64 or ARM64"
  type        = string
  default     = "X86_64"

  validation {
    condition     = contains(["X86_64", "ARM64"], var.architecture)
    error_message = "Accepted: X86_64, ARM64."
  }
}

variable "environment" {
  description = "Gatehouse's settings and the app's; one that is null is left out. With STOP_DELAY, STOP_TIMEOUT or BACKEND_TIMEOUT set also stop_timeout and deregistration_delay. DNS_SERVERS must be known when Terraform plans: addresses, and no attribute of what the same run makes"
  type        = map(string)
  default     = {}

  validation {
    condition     = length(setintersection(keys(var.environment), ["BACKEND_ORIGIN", "TRUSTED_PROXIES", "HOST", "PORT", "SERVICE_NAME", "SERVICE_ENVIRONMENT", "METRICS", "ADMIN_TOKEN", "ADMIN_PORT"])) == 0
    error_message = "Accepted: none of BACKEND_ORIGIN, TRUSTED_PROXIES, SERVICE_NAME and SERVICE_ENVIRONMENT, which are variables of this module; PORT, HOST, ADMIN_PORT and METRICS, which target group, security group and alarms go by; ADMIN_TOKEN, which belongs into secrets."
  }

  validation {
    condition     = !try(strcontains(var.environment["LIMIT_STORE"], "@"), false) && contains(["", "network"], try(trimspace(var.environment["CLIENT_ADDRESS_PROOF"]), ""))
    error_message = "Accepted: no LIMIT_STORE with a password, and no CLIENT_ADDRESS_PROOF but network: they belong into secrets."
  }
}

variable "secrets" {
  description = "By variable: the ARN of a secret in Secrets Manager or of a parameter in SSM. With ADMIN_TOKEN the admin listener is on the network"
  type        = map(string)
  default     = {}
}

variable "admin_clients" {
  description = "Who may read the admin listener over the network, at port 4001: security groups, of a Prometheus or a bastion, and IPv4 ranges, of a VPN. With ADMIN_TOKEN in secrets"
  type        = list(string)
  default     = []
}

variable "secrets_key_arn" {
  description = "The customer-managed key that they are encrypted with; null: AWS' own"
  type        = string
  default     = null
}

variable "task_role_policies" {
  description = "What the app may do in AWS: the JSON of policies"
  type        = list(string)
  default     = []
}

variable "start_seconds" {
  description = "Seconds in which a task that starts is not ended for a health check that fails: Gatehouse listens when its pages are ready"
  type        = number
  default     = 60

  validation {
    condition     = var.start_seconds >= 0 && var.start_seconds <= 300 && floor(var.start_seconds) == var.start_seconds
    error_message = "Accepted: a whole number from 0 to 300; ECS has no longer startPeriod."
  }
}

variable "stop_timeout" {
  description = "Seconds from SIGTERM to SIGKILL: more than STOP_DELAY + STOP_TIMEOUT + 2 s"
  type        = number
  default     = 35
}

variable "deregistration_delay" {
  description = "Seconds: more than BACKEND_TIMEOUT and the timeout of each route, and than STOP_DELAY + STOP_TIMEOUT; no less than the idle timeout of the ALB"
  type        = number
  default     = 60
}

variable "least_tasks" {
  description = "What autoscaling keeps; 1 is for development"
  type        = number
  default     = 2
}

variable "most_tasks" {
  type    = number
  default = 10
}

variable "log_days" {
  type    = number
  default = 30
}

variable "alarm_emails" {
  description = "Who hears of alarms; AWS asks each for consent first"
  type        = list(string)
  default     = []
}

variable "docs" {
  description = "Where docs/ of Gatehouse's repository is: the links in alarms begin with it"
  type        = string
  default     = "docs"
}

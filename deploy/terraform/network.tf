resource "aws_security_group" "tasks" {
  name        = "${var.name}-tasks"
  description = "The tasks: from the public ALB, to the private API and to AWS"
  vpc_id      = var.vpc_id

  lifecycle {
    precondition {
      condition     = local.backend_port == 443 || length(var.backend_security_group_ids) + length(var.backend_ranges) > 0 || contains(var.reach[*].port, local.backend_port)
      error_message = "backend_security_group_ids, backend_ranges or reach with the port of backend_origin: without them no task reaches backend_origin, for port 443 alone is open to all addresses."
    }
  }
}

resource "aws_vpc_security_group_ingress_rule" "front" {
  security_group_id            = aws_security_group.tasks.id
  referenced_security_group_id = var.load_balancer_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = local.front_port
  to_port                      = local.front_port
  description                  = "the front"
}

resource "aws_vpc_security_group_ingress_rule" "admin" {
  count = length(var.admin_clients)

  security_group_id            = aws_security_group.tasks.id
  referenced_security_group_id = startswith(var.admin_clients[count.index], "sg-") ? var.admin_clients[count.index] : null
  cidr_ipv4                    = startswith(var.admin_clients[count.index], "sg-") ? null : var.admin_clients[count.index]
  ip_protocol                  = "tcp"
  from_port                    = local.admin_port
  to_port                      = local.admin_port
  description                  = "the admin listener"

  lifecycle {
    precondition {
      condition     = contains(keys(var.secrets), "ADMIN_TOKEN")
      error_message = "admin_clients: put ADMIN_TOKEN into secrets, 32 characters or more (openssl rand -hex 32)."
    }
  }
}

resource "aws_vpc_security_group_egress_rule" "aws" {
  security_group_id = aws_security_group.tasks.id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  description       = "AWS: image, secrets, log"
}

resource "aws_vpc_security_group_egress_rule" "backend" {
  # the length of a list is known, though what it names may be made in the same run
  count = length(var.backend_security_group_ids)

  security_group_id            = aws_security_group.tasks.id
  referenced_security_group_id = var.backend_security_group_ids[count.index]
  ip_protocol                  = "tcp"
  from_port                    = local.backend_port
  to_port                      = local.backend_port
  description                  = "the private API"
}

resource "aws_vpc_security_group_egress_rule" "backend_range" {
  count = length(var.backend_ranges)

  security_group_id = aws_security_group.tasks.id
  cidr_ipv4         = var.backend_ranges[count.index]
  ip_protocol       = "tcp"
  from_port         = local.backend_port
  to_port           = local.backend_port
  description       = "the private API"
}

resource "aws_vpc_security_group_egress_rule" "reach" {
  count = length(var.reach)

  security_group_id            = aws_security_group.tasks.id
  referenced_security_group_id = var.reach[count.index].security_group_id
  ip_protocol                  = "tcp"
  from_port                    = var.reach[count.index].port
  to_port                      = var.reach[count.index].port
  description                  = "reach"

  lifecycle {
    # AWS refuses the second of two equal rules (InvalidPermission.Duplicate)
    precondition {
      condition     = length(distinct(local.reached)) == length(local.reached)
      error_message = "reach: leave out what is there twice, and what is in backend_security_group_ids at the port of backend_origin."
    }
  }
}

# no security group stops what is asked of AWS' own resolver; another one has to be let out to
resource "aws_vpc_security_group_egress_rule" "resolver" {
  count = 2 * length(local.own_resolvers)

  security_group_id = aws_security_group.tasks.id
  cidr_ipv4         = "${local.own_resolvers[floor(count.index / 2)].address}/32"
  ip_protocol       = count.index % 2 == 0 ? "udp" : "tcp"
  from_port         = local.own_resolvers[floor(count.index / 2)].port
  to_port           = local.own_resolvers[floor(count.index / 2)].port
  description       = "DNS_SERVERS"
}

/** What CloudFormation calls them. */
export const ALB = 'AWS::ElasticLoadBalancingV2::LoadBalancer'
export const GROUP = 'AWS::ElasticLoadBalancingV2::TargetGroup'
export const LISTENER = 'AWS::ElasticLoadBalancingV2::Listener'
export const RULE = 'AWS::ElasticLoadBalancingV2::ListenerRule'
export const SECURITY_GROUP = 'AWS::EC2::SecurityGroup'
export const SERVICE = 'AWS::ECS::Service'
export const TASK = 'AWS::ECS::TaskDefinition'

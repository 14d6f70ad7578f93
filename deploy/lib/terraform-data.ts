import { App, Stack } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import * as ec2 from 'aws-cdk-lib/aws-ec2'
import * as ecs from 'aws-cdk-lib/aws-ecs'
import * as elb from 'aws-cdk-lib/aws-elasticloadbalancingv2'
import flags from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' }
import { z } from 'zod'
import { GatehouseService } from './gatehouse-service.ts'
import { resolve } from './intrinsic.ts'

/** Stands for the variable `least_tasks` where CDK wants a number. */
const LEAST_TASKS = 999
const LISTENER =
  'arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/web/0123456789abcdef/0123456789abcdef'
const DOCS = 'https://docs.invalid'
/** Stands for a variable in what is synthesized; of characters that every name may have. */
const mark = (name: string) => `mark-${name}-mark`

const Query = z.object({
  Id: z.string(),
  Expression: z.string().nullable().default(null),
  ReturnData: z.boolean().default(true),
  MetricStat: z
    .object({
      Metric: z.object({
        Namespace: z.string(),
        MetricName: z.string(),
        Dimensions: z.array(z.object({ Name: z.string(), Value: z.string() })),
      }),
      Period: z.number(),
      Stat: z.string(),
    })
    .optional(),
})
const Alarm = z.object({
  AlarmName: z.string(),
  AlarmDescription: z.string(),
  ComparisonOperator: z.string(),
  EvaluationPeriods: z.number(),
  Threshold: z.number(),
  TreatMissingData: z.string(),
  Metrics: z.array(Query).optional(),
  Namespace: z.string().optional(),
  MetricName: z.string().optional(),
  Dimensions: z.array(z.object({ Name: z.string(), Value: z.string() })).optional(),
  Period: z.number().optional(),
  Statistic: z.string().optional(),
})
const Resources = z.record(
  z.string(),
  z.object({ Type: z.string(), Properties: z.record(z.string(), z.json()).default({}) }),
)

/**
 * The construct's alarms and dashboard for the Terraform module, as `templatefile` takes them: `${service}` and the like stand for
 * what the module knows (alarms.tf, `values`).
 */
export function terraformData(): { readonly alarms: string; readonly dashboard: string } {
  const resources = Resources.parse(construct().toJSON().Resources)
  const given = {
    parameters: {
      'AWS::Partition': mark('partition'),
      'AWS::Region': mark('region'),
      'AWS::AccountId': mark('account'),
      ...idsOf(resources, 'AWS::Logs::LogGroup', '', mark('log_group')),
    },
    attributes: {
      ...idsOf(
        resources,
        'AWS::ElasticLoadBalancingV2::TargetGroup',
        '.TargetGroupFullName',
        mark('target_group'),
      ),
      ...idsOf(resources, 'AWS::ECS::Service', '.Name', mark('service')),
      ...alarmArns(resources),
    },
  }
  const named = (type: string) => Object.values(resources).filter(({ Type }) => Type === type)
  const rollingBack = JSON.stringify(named('AWS::ECS::Service'))
  const alarms = Object.entries(resources).flatMap(([id, { Type, Properties }]) => {
    if (Type !== 'AWS::CloudWatch::Alarm') return []
    const { AlarmActions: _alarm, OKActions: _ok, ...own } = Properties
    const alarm = Alarm.parse(resolve(own, given))
    return [
      [
        alarm.AlarmName.replace(`${mark('service')}-`, ''),
        forTerraform(alarm, rollingBack.includes(`"${id}"`)),
      ],
    ]
  })
  const [dashboard] = named('AWS::CloudWatch::Dashboard')
  const body: unknown = JSON.parse(String(resolve(dashboard?.Properties.DashboardBody ?? null, given)))
  return { alarms: print(Object.fromEntries(alarms)), dashboard: print(body) }
}

const print = (value: unknown) => `${withVariables(JSON.stringify(value, null, 2))}\n`

/** The construct at a listener and in a cluster that exist, as the module is. */
function construct(): Template {
  const stack = new Stack(new App({ context: flags }), 'terraform')
  const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-0123456789abcdef0',
    availabilityZones: ['unknown'],
  })
  const group = ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-0123456789abcdef0', {
    mutable: false,
  })
  new GatehouseService(stack, 'Default', {
    name: mark('service'),
    environmentName: mark('environment'),
    vpc,
    taskSubnets: {
      subnets: [
        ec2.Subnet.fromSubnetAttributes(stack, 'Subnet', {
          subnetId: 'subnet-0123456789abcdef0',
          routeTableId: 'rtb-0123456789abcdef0',
        }),
      ],
    },
    trustedProxies: [],
    image: ecs.ContainerImage.fromRegistry('image:1'),
    backend: { origin: { origin: 'https://backend.invalid', host: mark('backend'), port: 443 } },
    loadBalancer: {
      use: 'existing',
      listener: elb.ApplicationListener.fromApplicationListenerAttributes(stack, 'Listener', {
        listenerArn: LISTENER,
        securityGroup: group,
      }),
      priority: 1,
      conditions: [elb.ListenerCondition.hostHeaders(['www.invalid'])],
    },
    cluster: ecs.Cluster.fromClusterAttributes(stack, 'Cluster', { clusterName: mark('cluster'), vpc }),
    scaling: { min: LEAST_TASKS, max: LEAST_TASKS },
    alarms: { docs: DOCS, emails: ['ops@docs.invalid'] },
  })
  return Template.fromStack(stack)
}

type Found = z.output<typeof Resources>

const idsOf = (resources: Found, type: string, suffix: string, value: string) =>
  Object.fromEntries(
    Object.entries(resources)
      .filter(([, { Type }]) => Type === type)
      .map(([id]) => [`${id}${suffix}`, value]),
  )

const alarmArns = (resources: Found) =>
  Object.fromEntries(
    Object.entries(resources).map(([id, { Properties }]) => [
      `${id}.Arn`,
      `arn:${mark('partition')}:cloudwatch:${mark('region')}:${mark('account')}:alarm:${String(Properties.AlarmName)}`,
    ]),
  )

/** Puts the variables of the module in the place of their marks, and of what the construct had to have in a certain form. */
function withVariables(text: string): string {
  const variable = (name: string) => `\${${name}}`
  return text
    .replaceAll('app/web/0123456789abcdef', variable('load_balancer'))
    .replaceAll(DOCS, variable('docs'))
    .replaceAll(/mark-(\w+)-mark/g, (_, name: string) => variable(name))
}

function forTerraform(alarm: z.output<typeof Alarm>, rollsBack: boolean) {
  const { Namespace = '', MetricName = '', Dimensions = [], Period = 0, Statistic = '' } = alarm
  const single = {
    Id: 'metric',
    Expression: null,
    ReturnData: true,
    MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Period, Stat: Statistic },
  }
  return {
    description: alarm.AlarmDescription,
    rolls_back: rollsBack,
    comparison_operator: alarm.ComparisonOperator,
    evaluation_periods: alarm.EvaluationPeriods,
    threshold: alarm.Threshold === LEAST_TASKS ? mark('least_tasks') : alarm.Threshold,
    treat_missing_data: alarm.TreatMissingData,
    queries: (alarm.Metrics ?? [single]).map(({ Id, Expression, ReturnData, MetricStat: of }) => ({
      id: Id,
      expression: Expression,
      return_data: ReturnData,
      metric: of
        ? {
            namespace: of.Metric.Namespace,
            metric_name: of.Metric.MetricName,
            dimensions: Object.fromEntries(of.Metric.Dimensions.map(({ Name, Value }) => [Name, Value])),
            period: of.Period,
            stat: of.Stat,
          }
        : null,
    })),
  }
}

import { Stack } from 'aws-cdk-lib'
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch'
import type { FargateService } from 'aws-cdk-lib/aws-ecs'
import { HttpCodeElb } from 'aws-cdk-lib/aws-elasticloadbalancingv2'
import type { ILogGroup } from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'
import type { Entrance } from './load-balancer.ts'
import { LOGINS } from './logins.ts'
import type { Own } from './metrics.ts'

const WIDTH = 12
const FULL = 24

/** Where the console shows it; complete, since it is read in an e-mail. */
export function dashboardUrl(scope: Construct, name: string): string {
  const { region } = Stack.of(scope)
  return `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#dashboards/dashboard/${name}`
}

type Parts = {
  readonly name: string
  readonly own: Own
  readonly alarms: readonly cloudwatch.IAlarm[]
  readonly entrance: Entrance
  readonly service: FargateService
  readonly logGroup: ILogGroup
}

/** What a task's status page shows, of all tasks together: first what is wrong, then logins, the API, pages, tasks, the last failures. */
export function createDashboard(scope: Construct, parts: Parts): cloudwatch.Dashboard {
  const { name, own, alarms, entrance, service, logGroup } = parts
  const sums = (...names: string[]) => names.map(each => own(each, 'Sum').with({ label: each }))
  const graph = (
    title: string,
    left: cloudwatch.IMetric[],
    more: Partial<cloudwatch.GraphWidgetProps> = {},
  ) => new cloudwatch.GraphWidget({ title, left, width: WIDTH, leftYAxis: { min: 0 }, ...more })
  const { requests, own5xx } = metricsOfBalancer(entrance)
  const dashboard = new cloudwatch.Dashboard(scope, 'Dashboard', { dashboardName: name })
  dashboard.addWidgets(
    new cloudwatch.AlarmStatusWidget({ title: 'Alarms', alarms: [...alarms], width: FULL, height: 4 }),
  )
  dashboard.addWidgets(
    graph('Logins a minute, by how they ended', sums(...Object.values(LOGINS).flat()), { stacked: true }),
    graph('Logins: p50 and p99 in ms, of the slowest 5 s of a minute', [
      own('LoginP50', 'Maximum').with({ label: 'p50' }),
      own('LoginP99', 'Maximum').with({ label: 'p99' }),
    ]),
  )
  dashboard.addWidgets(
    graph('Addresses of the API that DNS lists, and tasks whose DNS is stale', [
      own('AddressesListed', 'Minimum').with({ label: 'addresses (the least of all tasks)' }),
      own('DnsStale', 'Sum').with({ label: 'tasks with stale DNS' }),
    ]),
    graph(
      'Requests to the API a minute: of pages (egress), and others than logins',
      sums('EgressOk', 'EgressFailed', 'ApiOk', 'ApiFailed'),
      { stacked: true },
    ),
  )
  dashboard.addWidgets(
    graph('Pages a minute', sums('PagesOk', 'PagesFailed'), { stacked: true }),
    graph('Tasks and page workers that are ready', [
      own('Ready', 'Sum').with({ label: 'tasks' }),
      own('PageWorkersReady', 'Minimum').with({ label: 'page workers (the least of all tasks)' }),
    ]),
  )
  dashboard.addWidgets(
    graph('Requests a minute, and 5xx at the load balancer', requests, { right: own5xx }),
    graph('CPU and memory in percent', [
      service.metricCpuUtilization({ statistic: 'Maximum' }),
      service.metricMemoryUtilization({ statistic: 'Maximum' }),
    ]),
  )
  dashboard.addWidgets(
    new cloudwatch.LogQueryWidget({
      title: 'The last logins that failed',
      logGroupNames: [logGroup.logGroupName],
      view: cloudwatch.LogQueryVisualizationType.TABLE,
      queryLines: [
        'fields @timestamp, status, code, cause, address, ms, id',
        'filter route = "login" and (status >= 500 or code like /BACKEND_/ or status in [404, 405, 415, 421])',
        'sort @timestamp desc',
        'limit 20',
      ],
      width: FULL,
    }),
  )
  return dashboard
}

function metricsOfBalancer({ groups, balancer }: Entrance) {
  const requests = groups.map(group =>
    group.metrics.requestCount({ label: `requests ${group.node.id}`, statistic: 'Sum' }),
  )
  const own5xx = balancer
    ? [balancer.metrics.httpCodeElb(HttpCodeElb.ELB_5XX_COUNT, { label: 'ALB 5xx' })]
    : []
  return { requests, own5xx }
}

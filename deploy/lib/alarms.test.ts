import assert from 'node:assert/strict'
import { test } from 'node:test'
import { App } from 'aws-cdk-lib'
import { Annotations, Match, type Template } from 'aws-cdk-lib/assertions'
import { alarmOf } from '../test/alarm.ts'
import { stackWith, templateWith, variant } from '../test/example.ts'
import { LOGINS } from './logins.ts'
import { createTemplate } from './template.ts'

const ALARM = 'AWS::CloudWatch::Alarm'

const names = (template: Template) =>
  Object.values(template.findResources(ALARM))
    .map(({ Properties }) => String(Properties.AlarmName))
    .sort()

test('alarms for logins, DNS, pages, tasks and the public ALB', () => {
  assert.deepEqual(
    names(variant('the example')),
    [
      'ApiFail',
      'Balancer5xx',
      'CpuHigh',
      'DnsStale',
      'EgressFail',
      'LoginsAllFail',
      'LoginsFail',
      'LoginsMisrouted',
      'LoginsSlow',
      'MemoryHigh',
      'NoAddress',
      'NoPageWorker',
      'NobodyLogsIn',
      'PagesFail',
      'Tasks5xx',
      'TooFewReady',
      'Unhealthy',
    ].map(name => `gatehouse-${name}`),
  )
})

test('what an alarm says is true of several APIs as well, and on Spot, where the health check is /readyz', () => {
  const says = (name: string) => {
    const [alarm] = Object.values(
      variant('the example').findResources(ALARM, { Properties: { AlarmName: `gatehouse-${name}` } }),
    )
    return JSON.stringify(alarm?.Properties.AlarmDescription)
  }
  assert.match(says('NoAddress'), /DNS names no address of the API, or of one of several\. Runbook:/)
  assert.match(says('Unhealthy'), /A task does not pass the health check of the target group\. Runbook:/)
})

test('blue/green: both target groups are watched', () => {
  const found = names(variant('blue/green')).filter(name => name.includes('Unhealthy'))
  assert.deepEqual(found, ['gatehouse-UnhealthyBlue', 'gatehouse-UnhealthyGreen'])
})

test('Gatehouse’s own metrics are asked for as METRICS=emf names them, of this service with this backend', () => {
  variant('blue/green').hasResourceProperties(ALARM, {
    AlarmName: 'gatehouse-LoginsSlow',
    Namespace: 'Gatehouse',
    MetricName: 'LoginP99',
    Dimensions: [
      { Name: 'Backend', Value: 'api.dev.jp:8443' },
      { Name: 'Environment', Value: 'production' },
      { Name: 'Service', Value: 'gatehouse' },
    ],
  })
})

test('two services with one API, and two environments of one service, have series of their own', () => {
  const dimensions = (changes: Record<string, unknown>) =>
    JSON.stringify(alarmOf(templateWith(changes), 'LoginsFail').Metrics)
  const all = [{}, { name: 'shop' }, { environmentName: 'staging' }].map(dimensions)
  assert.equal(new Set(all).size, 3)
})

test('the text of each alarm links to the dashboard in the console, and to the runbook where it is said to be', () => {
  const docs = 'https://git.dev.jp/web/gatehouse/docs/'
  const template = templateWith({ alarms: { docs } })
  const alarms = Object.values(template.findResources(ALARM))
  assert.ok(alarms.length > 10)
  for (const { Properties } of alarms) {
    const text = String(Properties.AlarmDescription)
    assert.match(text, /https:\/\/git\.dev\.jp\/web\/gatehouse\/docs\/runbook\.md#[a-z0-9-]+ /)
    assert.match(text, /https:\/\/ap-northeast-1\.console\.aws\.amazon\.com\/\S+dashboard\/gatehouse$/)
    assert.ok(text.length <= 1024, 'what CloudWatch takes')
  }
})

test('the dashboard has what a status page shows, of this service', () => {
  const [found] = Object.values(variant('the example').findResources('AWS::CloudWatch::Dashboard'))
  const body = JSON.stringify(found?.Properties.DashboardBody)
  for (const metric of [
    ...Object.values(LOGINS).flat(),
    'LoginP50',
    'LoginP99',
    'AddressesListed',
    'DnsStale',
    'PageWorkersReady',
    'Ready',
    'PagesFailed',
    'EgressFailed',
    'ApiFailed',
    'CPUUtilization',
    'RequestCount',
  ])
    assert.ok(body.includes(metric), metric)
  assert.match(body, /LoginsFail/)
})

test('a front that says nothing counts as one that is not there; elsewhere silence is no alarm', () => {
  templateWith({ scaling: { min: 3 } }).hasResourceProperties(ALARM, {
    AlarmName: 'gatehouse-TooFewReady',
    Threshold: 3,
    ComparisonOperator: 'LessThanThreshold',
    TreatMissingData: 'breaching',
  })
  variant('the example').hasResourceProperties(ALARM, {
    AlarmName: 'gatehouse-LoginsFail',
    TreatMissingData: 'notBreaching',
  })
})

test('the topic lets CloudWatch publish, which its own policy would otherwise end, over TLS alone', () => {
  const policies = variant('the example')
  policies.hasResourceProperties('AWS::SNS::TopicPolicy', {
    PolicyDocument: {
      Statement: Match.arrayWith([
        Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        Match.objectLike({
          Effect: 'Allow',
          Action: 'sns:Publish',
          Principal: { Service: 'cloudwatch.amazonaws.com' },
        }),
      ]),
    },
  })
})

test('whoever is named gets the alarms by e-mail', () => {
  variant('everything else').hasResourceProperties('AWS::SNS::Subscription', {
    Protocol: 'email',
    Endpoint: 'ops@dev.jp',
  })
})

const warnings = (...[stack]: Parameters<typeof Annotations.fromStack>) =>
  Annotations.fromStack(stack)
    .findWarning('*', Match.anyValue())
    .map(({ id, entry }) => `${id}: ${String(entry.data)}`)

test('where nobody is named, the synthesis warns that nobody hears of the alarms', () => {
  const [warning = '', ...more] = warnings(stackWith({ alarms: {} }).stack)
  assert.match(
    warning,
    /^\/gatehouse\/Default\/Alarms: Nobody hears of the alarms: .* setting alarms\.emails/,
  )
  assert.deepEqual(more, [])
})

test('where the runbook has no address, the synthesis warns that the alarms have no link to it', () => {
  const [warning = '', ...more] = warnings(stackWith({ alarms: { emails: ['ops@dev.jp'] } }).stack)
  assert.match(warning, /The runbook in the alarms is a path and no link: .* setting alarms\.docs/)
  assert.deepEqual(more, [])
})

test('where somebody is named, it warns of nothing; the CloudFormation template asks for an address', () => {
  assert.deepEqual(warnings(stackWith().stack), [])
  assert.deepEqual(warnings(createTemplate(new App())), [])
})

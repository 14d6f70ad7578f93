import assert from 'node:assert/strict'
import { test } from 'node:test'
import { App } from 'aws-cdk-lib'
import { Annotations, Match, type Template } from 'aws-cdk-lib/assertions'
import { stackWith, templateWith, variant } from '../test/example.ts'
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
      'Balancer5xx',
      'CpuHigh',
      'DnsStale',
      'LoginsFail',
      'LoginsMisrouted',
      'LoginsSlow',
      'MemoryHigh',
      'NoAddress',
      'NoPageWorker',
      'Tasks5xx',
      'TooFewReady',
      'Unhealthy',
    ].map(name => `gatehouse-${name}`),
  )
})

test('blue/green: both target groups are watched', () => {
  const found = names(variant('blue/green')).filter(name => name.includes('Unhealthy'))
  assert.deepEqual(found, ['gatehouse-UnhealthyBlue', 'gatehouse-UnhealthyGreen'])
})

test('Gatehouse’s own metrics are asked for as METRICS=emf names them, by the host of the origin', () => {
  variant('blue/green').hasResourceProperties(ALARM, {
    AlarmName: 'gatehouse-LoginsFail',
    Namespace: 'Gatehouse',
    MetricName: 'LoginsFailed',
    Dimensions: [{ Name: 'Backend', Value: 'api.dev.jp:8443' }],
  })
})

test('three logins that get 404 in 5 minutes, and half of all, ring: what METRICS=emf names so', () => {
  const metric = (Id: string, MetricName: string) => ({
    Id,
    MetricStat: {
      Metric: {
        Namespace: 'Gatehouse',
        MetricName,
        Dimensions: [{ Name: 'Backend', Value: 'api.dev.jp:8443' }],
      },
      Period: 300,
      Stat: 'Sum',
    },
    ReturnData: false,
  })
  variant('blue/green').hasResourceProperties(ALARM, {
    AlarmName: 'gatehouse-LoginsMisrouted',
    Threshold: 0,
    ComparisonOperator: 'GreaterThanThreshold',
    TreatMissingData: 'notBreaching',
    Metrics: Match.arrayWith([
      Match.objectLike({ Expression: 'IF(misrouted > 2 AND misrouted >= 0.5 * posted, 1, 0)' }),
      metric('misrouted', 'LoginsMisrouted'),
      metric('posted', 'LoginsPosted'),
    ]),
  })
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
  assert.match(warning, /^\/gatehouse\/Alarms: Nobody hears of the alarms: .* setting alarms\.emails/)
  assert.deepEqual(more, [])
})

test('where somebody is named, it warns of nothing; the CloudFormation template asks for an address', () => {
  assert.deepEqual(warnings(stackWith({ alarms: { emails: ['ops@dev.jp'] } }).stack), [])
  assert.deepEqual(warnings(createTemplate(new App())), [])
})

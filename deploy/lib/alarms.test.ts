import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Match, type Template } from 'aws-cdk-lib/assertions'
import { templateWith, variant } from '../test/example.ts'

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

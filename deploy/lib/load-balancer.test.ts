import { test } from 'node:test'
import { Match } from 'aws-cdk-lib/assertions'
import { templateWith, variant } from '../test/example.ts'
import { ALB, GROUP, LISTENER, SECURITY_GROUP } from '../test/resource-types.ts'

const { arrayWith, objectLike } = Match

const example = variant('the example')

const attributes = (...pairs: (readonly [key: string, value: string])[]) =>
  arrayWith(pairs.map(([Key, Value]) => ({ Key, Value })))

test('the public ALB is strict, keeps to its idle timeout and cannot be deleted by mistake', () => {
  example.hasResourceProperties(ALB, {
    Scheme: 'internet-facing',
    LoadBalancerAttributes: attributes(
      ['deletion_protection.enabled', 'true'],
      ['idle_timeout.timeout_seconds', '60'],
      ['routing.http.drop_invalid_header_fields.enabled', 'true'],
      ['routing.http.desync_mitigation_mode', 'strictest'],
      ['access_logs.s3.enabled', 'true'],
    ),
  })
})

test('it waits as long as the settings say, and a task that leaves keeps its requests for as long', () => {
  const template = templateWith({
    loadBalancer: { use: 'new', idleSeconds: 310 },
    environment: { KEEP_ALIVE_TIMEOUT: '330s' },
  })
  template.hasResourceProperties(ALB, {
    LoadBalancerAttributes: attributes(['idle_timeout.timeout_seconds', '310']),
  })
  template.hasResourceProperties(GROUP, {
    TargetGroupAttributes: attributes(['deregistration_delay.timeout_seconds', '310']),
  })
})

test('with clients nobody else reaches the public ALB, and they reach it at 443 alone', () => {
  const template = templateWith({ loadBalancer: { use: 'new', clients: ['pl-58a04531', '10.0.0.0/8'] } })
  template.hasResourceProperties(SECURITY_GROUP, {
    GroupDescription: Match.stringLikeRegexp('^The public ALB'),
    SecurityGroupIngress: [objectLike({ CidrIp: '10.0.0.0/8', FromPort: 443, ToPort: 443 })],
  })
  template.resourcePropertiesCountIs(
    'AWS::EC2::SecurityGroupIngress',
    { SourcePrefixListId: 'pl-58a04531', FromPort: 443, ToPort: 443 },
    1,
  )
})

test('HTTP is redirected to HTTPS, which speaks TLS 1.2 and 1.3 alone', () => {
  example.resourceCountIs(LISTENER, 2)
  example.hasResourceProperties(LISTENER, {
    Port: 80,
    DefaultActions: [
      { Type: 'redirect', RedirectConfig: { Protocol: 'HTTPS', Port: '443', StatusCode: 'HTTP_301' } },
    ],
  })
  example.hasResourceProperties(LISTENER, {
    Port: 443,
    Protocol: 'HTTPS',
    SslPolicy: Match.stringLikeRegexp('^ELBSecurityPolicy-TLS13-1-2-Res-'),
    DefaultActions: [objectLike({ Type: 'forward' })],
  })
})

test('the ALB may write its access logs, over TLS alone, and they end after 90 days', () => {
  example.hasResourceProperties('AWS::S3::BucketPolicy', {
    PolicyDocument: {
      Statement: arrayWith([
        objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        objectLike({
          Effect: 'Allow',
          Action: 's3:PutObject',
          Principal: { Service: 'logdelivery.elasticloadbalancing.amazonaws.com' },
        }),
      ]),
    },
  })
  example.hasResourceProperties('AWS::S3::Bucket', {
    LifecycleConfiguration: { Rules: [objectLike({ ExpirationInDays: 90, Status: 'Enabled' })] },
  })
})

test('the target group asks /healthz, and lets go of a task when the slowest login is over', () => {
  example.hasResourceProperties(GROUP, {
    Port: 4000,
    Protocol: 'HTTP',
    TargetType: 'ip',
    HealthCheckPath: '/healthz',
    TargetGroupAttributes: attributes(['deregistration_delay.timeout_seconds', '60']),
  })
})

test('with HEALTH_PREFIX the target group asks below it: /healthz is a page of the app then', () => {
  templateWith({ environment: { HEALTH_PREFIX: '/_gatehouse' } }).hasResourceProperties(GROUP, {
    HealthCheckPath: '/_gatehouse/healthz',
  })
})

test('a certificate by DNS is validated in the hosted zone, where the name is put as well', () => {
  const template = variant('a new VPC with NAT')
  template.hasResourceProperties('AWS::CertificateManager::Certificate', {
    DomainName: 'www.dev.jp',
    ValidationMethod: 'DNS',
  })
  template.hasResourceProperties('AWS::Route53::RecordSet', {
    Name: 'www.dev.jp.',
    Type: 'A',
    HostedZoneId: 'Z0123456789ABCDEFGHIJ',
  })
})

import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Template } from 'aws-cdk-lib/assertions'
import { stackWith, templateWith } from '../test/example.ts'
import { fakeAws } from '../test/fake-aws.ts'
import { ALB } from '../test/resource-types.ts'
import { exported } from './exported.ts'

const attribute = (template: Template, key: string) => {
  const [balancer] = Object.values(template.findResources(ALB))
  const attributes: { Key: string; Value: unknown }[] = balancer?.Properties.LoadBalancerAttributes
  return attributes.find(({ Key }) => Key === key)?.Value
}

for (const protection of [true, false]) {
  test(`"protection": ${protection} is that of the stack and of its load balancer`, () => {
    const { stack } = stackWith({ protection })
    assert.equal(stack.terminationProtection, protection)
    assert.equal(attribute(Template.fromStack(stack), 'deletion_protection.enabled'), String(protection))
  })
}

test('in the CloudFormation template it is a parameter, and on where nothing is said', () => {
  const template = Template.fromJSON(JSON.parse(exported()['cloudformation/gatehouse.json'] ?? ''))
  assert.deepEqual(attribute(template, 'deletion_protection.enabled'), { Ref: 'DeletionProtection' })
  template.hasParameter('DeletionProtection', { Default: 'true', AllowedValues: ['true', 'false'] })
})

/** Who may do what with the bucket of access logs. */
function grants(template: Template) {
  const [policy] = Object.values(template.findResources('AWS::S3::BucketPolicy'))
  const statements: { Effect: string; Action: string; Principal: unknown }[] =
    policy?.Properties.PolicyDocument.Statement
  return statements
    .filter(({ Effect }) => Effect === 'Allow')
    .map(each => `${each.Action} ${JSON.stringify(each.Principal)}`)
}

test('the load balancer may write its access logs as CDK grants it, and as AWS documents it for every region', () => {
  const inTokyo = grants(templateWith()).join('\n')
  assert.match(inTokyo, /s3:PutObject .*582318560864:root/)
  assert.match(inTokyo, /s3:PutObject .*"logdelivery\.elasticloadbalancing\.amazonaws\.com"/)
  assert.match(inTokyo, /s3:PutObject .*"delivery\.logs\.amazonaws\.com"/)
  assert.match(inTokyo, /s3:GetBucketAcl .*"delivery\.logs\.amazonaws\.com"/)
  const inZurich = grants(templateWith({ region: 'eu-central-2' })).join('\n')
  assert.doesNotMatch(inZurich, /:root/)
})

/** A stack in ROLLBACK_FAILED that AWS does not delete while either protection is on. */
const STUCK = `
case "$1 $2" in
  'cloudformation update-termination-protection')
    case "$*" in *--no-enable-termination-protection*--stack-name\\ gatehouse*) touch unprotected ;; *) exit 2 ;; esac ;;
  'cloudformation describe-stack-resources')
    case "$*" in *"ResourceType=='AWS::ElasticLoadBalancingV2::LoadBalancer'"*) [ -e no-balancer ] || echo arn:aws:elasticloadbalancing:alb ;; *) exit 2 ;; esac ;;
  'elbv2 modify-load-balancer-attributes')
    case "$*" in *--load-balancer-arn\\ arn:aws:elasticloadbalancing:alb*deletion_protection.enabled,Value=false*) touch deletable ;; *) exit 2 ;; esac ;;
  'cloudformation delete-stack')
    [ -e unprotected ] || { echo 'cannot be deleted while TerminationProtection is enabled' >&2; exit 254; }
    { [ -e deletable ] || [ -e no-balancer ]; } && touch deleted; exit 0 ;;
  'cloudformation wait')
    [ -e deleted ] || { echo 'Waiter StackDeleteComplete failed: DELETE_FAILED' >&2; exit 255; } ;;
  *) exit 2 ;;
esac
`

function wayOut(): string {
  const docs = readFileSync(new URL('../../docs/ecs.md', import.meta.url), 'utf8')
  const [, commands] = /<!-- the way out -->\n```sh\n([\s\S]*?)```/.exec(docs) ?? []
  assert.ok(commands)
  return commands
}

test('a first deployment that is stuck with both protections goes by the commands of docs/ecs.md', t => {
  const { run, folder } = fakeAws(t, STUCK)
  const { status, said } = run(wayOut())
  assert.equal(status, 0, said)
  assert.ok(existsSync(join(folder, 'deleted')))
})

test('the same commands do where the load balancer is gone already', t => {
  const { run, folder } = fakeAws(t, `touch no-balancer\n${STUCK}`)
  assert.equal(run(wayOut()).status, 0)
  assert.ok(existsSync(join(folder, 'deleted')))
})

test('without either of them the stand-in refuses, as AWS does', t => {
  for (const left of [/^aws cloudformation update.*$/m, /^ {2}aws elbv2.*$/m]) {
    const { run } = fakeAws(t, STUCK)
    assert.notEqual(run(wayOut().replace(left, '  true')).status, 0)
  }
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Match } from 'aws-cdk-lib/assertions'
import { mistakesIn, templateWith, type VARIANTS, variant } from '../test/example.ts'
import { TASK } from '../test/resource-types.ts'

const { arrayWith, objectLike } = Match
const sidecar = variant('a sidecar, a parameter and a key')
const TOKEN_ARN = 'arn:aws:secretsmanager:ap-northeast-1:111122223333:secret:gatehouse/admin-token-AbCdEf'

test('the admin listener is on loopback, where sidecars reach it; on the network with a token, for whom the settings name', () => {
  const adminHost = (name: keyof typeof VARIANTS) => {
    const [task] = Object.values(variant(name).findResources(TASK))
    const environment: { Name: string; Value: unknown }[] =
      task?.Properties.ContainerDefinitions[0].Environment
    return environment.find(({ Name }) => Name === 'ADMIN_HOST')?.Value
  }
  assert.equal(adminHost('the example'), undefined)
  assert.equal(adminHost('a sidecar, a parameter and a key'), '0.0.0.0')
  sidecar.hasResourceProperties('AWS::EC2::SecurityGroup', {
    SecurityGroupIngress: [
      objectLike({ FromPort: 4001, ToPort: 4001, SourceSecurityGroupId: 'sg-0a100000000000001' }),
      objectLike({ FromPort: 4001, ToPort: 4001, CidrIp: '10.0.9.0/24' }),
    ],
  })
  assert.match(
    mistakesIn({ adminClients: ['me'] })[0] ?? '',
    /^adminClients\.0 is "me"; accepted: a security group or an/,
  )
  const inSecrets = { secrets: { ADMIN_TOKEN: TOKEN_ARN } }
  assert.deepEqual(mistakesIn({ environment: { ADMIN_HOST: '::' }, ...inSecrets }), [])
  assert.equal(adminHost('everything else'), undefined)
})

test('with a token in secrets the listener is on the network before anybody may reach it: to open it replaces no task', () => {
  const template = templateWith({ secrets: { ADMIN_TOKEN: TOKEN_ARN } })
  template.hasResourceProperties(TASK, {
    ContainerDefinitions: [
      objectLike({
        Environment: arrayWith([{ Name: 'ADMIN_HOST', Value: '0.0.0.0' }]),
        Secrets: [{ Name: 'ADMIN_TOKEN', ValueFrom: TOKEN_ARN }],
      }),
    ],
  })
  assert.doesNotMatch(JSON.stringify(template.findResources('AWS::EC2::SecurityGroup')), /4001/)
})

test('without the token nobody is let in, and the token is not in the environment', () => {
  const [none = ''] = mistakesIn({ adminClients: ['sg-0a100000000000001'] })
  assert.match(none, /^secrets\.ADMIN_TOKEN is not set; accepted: with adminClients the ARN of a secret/)
  const [open = ''] = mistakesIn({ environment: { ADMIN_HOST: '0.0.0.0' } })
  assert.match(
    open,
    /^environment\.ADMIN_HOST is "0\.0\.0\.0"; accepted: 127\.0\.0\.1, or not set and in secrets/,
  )
  const [visible = ''] = mistakesIn({ environment: { ADMIN_TOKEN: 'x'.repeat(32) } })
  assert.match(visible, /^environment\.ADMIN_TOKEN is .*; accepted: set under secrets/)
  const unanswered = {
    environment: { ADMIN_HOST: '127.0.0.1' },
    adminClients: ['sg-0a100000000000001'],
    secrets: { ADMIN_TOKEN: TOKEN_ARN },
  }
  assert.match(mistakesIn(unanswered)[0] ?? '', /^environment\.ADMIN_HOST .* not set with adminClients/)
})

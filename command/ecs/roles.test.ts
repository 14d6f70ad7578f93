import assert from 'node:assert/strict'
import { test } from 'node:test'
import { convert, pair } from '../../test/ecs/convert.ts'

const NGINXES: [name: string, image: string][] = [
  ['proxy', 'nginx'],
  ['proxy', 'nginx:1.27-alpine'],
  ['proxy', 'public.ecr.aws/docker/library/nginx@sha256:0123'],
  ['proxy', '111122223333.dkr.ecr.ap-northeast-1.amazonaws.com/shop/web-nginx:2'],
  ['proxy', 'localhost:5000/openresty'],
  ['shop-nginx', '111122223333.dkr.ecr.ap-northeast-1.amazonaws.com/shop-proxy:2'],
]
for (const [name, image] of NGINXES) {
  test(`${name} of ${image} is Nginx`, () => {
    const { task } = convert(pair({ name, image }))
    assert.deepEqual(
      task?.containerDefinitions.map(each => each.name),
      ['app'],
    )
  })
}

test('a registry or a tag that is called nginx says nothing of an image', () => {
  const others = [{ name: 'app2', image: 'nginx.registry.dev.jp/app:nginx-ready', essential: true }]
  const { task } = convert(pair({}, {}, {}, others), { appContainer: 'app' })
  assert.deepEqual(
    task?.containerDefinitions.map(each => each.name),
    ['app', 'app2'],
  )
})

test('two containers that may be Nginx, or none, are a question for --nginx-container', () => {
  const others = [{ name: 'static', image: 'nginx:alpine' }]
  for (const given of [pair({}, {}, {}, others), pair({ name: 'edge', image: 'edge:1' })]) {
    const { task, questions } = convert(given)
    assert.equal(task, undefined)
    assert.match(questions.join(), /--nginx-container NAME/)
  }
  assert.ok(convert(pair({ name: 'edge', image: 'edge:1' }), { nginxContainer: 'edge' }).task)
})

test('what stands beside an app is not taken for one; two that may be it are a question for --app-container', () => {
  const sidecars = [
    ['datadog-agent', 'public.ecr.aws/datadog/agent:7'],
    ['xray', 'amazon/aws-xray-daemon'],
    ['collector', 'public.ecr.aws/aws-observability/aws-otel-collector:latest'],
    ['log_router', 'amazon/aws-for-fluent-bit:stable'],
    ['envoy', 'aws-appmesh-envoy:v1'],
    ['cache', 'redis:7'],
  ].map(([name, image]) => ({ name, image, essential: true }))
  assert.ok(convert(pair({}, {}, {}, sidecars)).task)
  const init = { name: 'migrate', image: 'app:1', essential: false }
  assert.ok(convert(pair({}, {}, {}, [init])).task)
  const second = { name: 'admin', image: 'admin:1', essential: true }
  assert.match(
    convert(pair({}, {}, {}, [second])).questions.join(),
    /app \(app:1\), admin \(admin:1\).*--app-container/,
  )
  assert.match(
    convert({ ...pair(), containerDefinitions: pair().containerDefinitions.slice(0, 1) }).questions.join(),
    /there is none --app-container/,
  )
})

test('a name that is not there stops it, and those that are there are said', () => {
  assert.throws(() => convert(pair(), { appContainer: 'web' }), /no container "web"; there are: nginx, app/)
  assert.throws(() => convert(pair(), { drop: ['cron'] }), /no container "cron"/)
})

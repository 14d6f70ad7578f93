import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noProxy } from './no-proxy.ts'

const both = (value: string) => ({ NO_PROXY: value, no_proxy: value })

for (const [what, env, expected] of [
  ['no proxy', { NO_PROXY: 'a' }, {}],
  ['a proxy', { HTTP_PROXY: 'http://proxy:3128' }, both('127.0.0.1')],
  ['a proxy in lower case', { http_proxy: 'http://proxy:3128', no_proxy: 'a, .b' }, both('a,.b,127.0.0.1')],
  [
    'two lists',
    { ALL_PROXY: 'x', NO_PROXY: 'a', no_proxy: 'b' },
    { NO_PROXY: 'a,127.0.0.1', no_proxy: 'b,127.0.0.1' },
  ],
  [
    'egress among the exceptions',
    { HTTP_PROXY: 'x', NO_PROXY: 'localhost,127.0.0.1' },
    both('localhost,127.0.0.1'),
  ],
  ['an exception for everything', { HTTP_PROXY: 'x', NO_PROXY: '*' }, both('*')],
] as const) {
  test(`with ${what} in the environment pages get ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(noProxy(env), expected)
  })
}

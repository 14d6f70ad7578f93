import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressOf, entryAt, trustOf, whoAsks } from './client.ts'

const trust = trustOf(['loopback', 'linklocal', 'uniquelocal'])
const PEER = '10.0.0.1'
const ALB = { own: PEER, isTrusted: true }
const STRANGER = { own: '198.51.100.1', isTrusted: false }

const addresses: [entry: string, address: string | undefined][] = [
  ['203.0.113.7', '203.0.113.7'],
  ['203.0.113.7:54321', '203.0.113.7'],
  ['2001:db8::1', '2001:db8::1'],
  ['2001:0DB8:0:0:0:0:0:1', '2001:db8::1'],
  ['[2001:db8::1]', '2001:db8::1'],
  ['[2001:db8::1]:443', '2001:db8::1'],
  // eight groups and a port; with fewer groups the port is one of them
  ['2001:db8:1:2:3:4:5:6:54321', '2001:db8:1:2:3:4:5:6'],
  ['fe80::1%eth0', 'fe80::1'],
  ['[fe80::1%eth0]:443', 'fe80::1'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['::FFFF:cb00:7107', '203.0.113.7'],
  ['0:0:0:0:0:ffff:203.0.113.7', '203.0.113.7'],
  ['[::ffff:203.0.113.7]:443', '203.0.113.7'],
  ['::ffff:203.0.113.7:443', '203.0.113.7'],
  ...[
    ...['', 'unknown', '_hidden', 'localhost', 'a:443', ':443', '203.0.113.7:', '203.0.113.7:123456'],
    ...['203.0.113.7:x', '203.0.113.07', '203.0.113.256', '203.0.113', '3405803783', '0xcb.0.113.7'],
    ...['[203.0.113.7]', '[203.0.113.7]:443', '[2001:db8::1', '2001:db8::1]', '[2001:db8::1]443', '[]:443'],
    ...[
      '"203.0.113.7"',
      'for=203.0.113.7',
      '203.0.113.7 203.0.113.8',
      'fe80::1%',
      `fe80::1%${'x'.repeat(100)}`,
    ],
  ].map((each): [string, undefined] => [each, undefined]),
]
for (const [entry, address] of addresses) {
  test(`${JSON.stringify(entry.slice(0, 40))} is ${address ?? 'no address'}`, () =>
    assert.equal(addressOf(entry), address))
}

const clients: [chain: string | undefined, address: string, is: string][] = [
  ['203.0.113.7', '203.0.113.7', 'client'],
  ['192.0.2.66, 203.0.113.7, 10.0.3.4', '203.0.113.7', 'client'],
  // all are trusted: a visitor of a private network
  ['10.0.5.6', '10.0.5.6', 'client'],
  ['10.0.5.6:5000, 10.0.3.4', '10.0.5.6', 'client'],
  // what is no address ends the way back, and no spoofed left part changes that
  ['203.0.113.7, unknown, 10.0.3.4', '10.0.3.4', 'client'],
  ['10.0.9.9, _hidden, 10.0.5.6, 10.0.3.4', '10.0.5.6', 'client'],
  ['unknown, 203.0.113.7', '203.0.113.7', 'client'],
  // empty entries are none
  [', 203.0.113.7 , ,', '203.0.113.7', 'client'],
  // nobody is named whose address can be read
  ['unknown', PEER, 'proxy'],
  ['203.0.113.7, unknown', PEER, 'proxy'],
  // the peer itself
  [undefined, PEER, 'client-or-proxy'],
  ['', PEER, 'client-or-proxy'],
  [' , ', PEER, 'client-or-proxy'],
]
for (const [chain, address, is] of clients) {
  test(`X-Forwarded-For ${JSON.stringify(chain)} of a trusted peer: ${address} (${is})`, () => {
    assert.deepEqual(whoAsks(ALB, chain, trust).client, { address, is })
  })
}

test('an untrusted peer is the client, whatever it says; one that names somebody may be a proxy', () => {
  assert.deepEqual(whoAsks(STRANGER, undefined, trust).client, {
    address: '198.51.100.1',
    is: 'client',
  })
  assert.deepEqual(whoAsks(STRANGER, '203.0.113.7', trust).client, {
    address: '198.51.100.1',
    is: 'client-or-proxy',
  })
})

test('whatever stands to the left of an untrusted address changes nothing', () => {
  const left = [
    '1.2.3.4',
    '10.0.0.9',
    'unknown',
    '::1',
    '[::1]:1',
    ',,,',
    '203.0.113.7:1',
    'x'.repeat(10_000),
  ]
  for (const each of left)
    assert.deepEqual(whoAsks(ALB, `${each}, 203.0.113.9:4711, 10.0.3.4`, trust), {
      client: { address: '203.0.113.9', is: 'client' },
      hops: 1,
    })
})

test('of a chain of trusted addresses the last 32 count', () => {
  const chain = Array.from({ length: 100 }, (_, i) => `10.1.0.${i}`).join()
  assert.deepEqual(whoAsks(ALB, chain, trust), { client: { address: '10.1.0.68', is: 'client' }, hops: 32 })
})

test('of a list the entry counts that so many proxies from the right wrote, or the first', () => {
  assert.deepEqual(
    [0, 1, 2, 9].map(hops => entryAt('a, b,, c', hops)),
    ['c', 'b', 'a', 'a'],
  )
  assert.equal(entryAt('', 0), undefined)
})

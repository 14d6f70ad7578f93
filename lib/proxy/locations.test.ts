import assert from 'node:assert/strict'
import { test } from 'node:test'
import { translateRefresh, translateUrl } from './locations.ts'

const backend = new URL('https://api.dev.jp:8443')
const asked = { proto: 'https', host: 'www.dev.jp' }
const origins = ['https://www.dev.jp', 'https://shop.dev.jp:8443', 'http://old.dev.jp']
const places = { backend, asked, origins }

const locations: [location: string, expected: string][] = [
  ['https://api.dev.jp:8443/a?b#c', '/a?b#c'],
  ['http://api.dev.jp:8443/a', '/a'],
  ['https://api.dev.jp/a', '/a'],
  ['HTTP://API.dev.jp/a', '/a'],
  ['https://user@api.dev.jp/a', '/a'],
  ['https://api.dev.jp:8443', '/'],
  ['https://api.dev.jp:8443?a', '/?a'],
  ['https://api.dev.jp//evil.example', '/evil.example'],
  ['https://api.dev.jp/\\evil.example', '/evil.example'],
  ['https://api.dev.jp\\evil.example', '/evil.example'],
  ['https://api.dev.jp/\t/evil.example', '/evil.example'],
  ['https://api.dev.jp\t//evil.example', '/evil.example'],
  ['https://www.dev.jp/a', 'https://www.dev.jp/a'],
  ['https://api.dev.jp.evil.example/a', 'https://api.dev.jp.evil.example/a'],
  ['https://api.dev.jp@evil.example/', 'https://api.dev.jp@evil.example/'],
  ['/account?a=1', '/account?a=1'],
  ['next', 'next'],
  ['?a=1', '?a=1'],
  ['//www.dev.jp/a', '//www.dev.jp/a'],
  ['ftp://api.dev.jp/a', 'ftp://api.dev.jp/a'],
  ['https://[', 'https://['],
  ['', ''],
  ['https://api.dev.jp:9000/a', '/a'],
  ['http://api.dev.jp:8080/a', '/a'],
  ['https://api.dev.jp./a', '/a'],
  ['//api.dev.jp/a', '/a'],
  ['//api.dev.jp:8443//evil.example', '/evil.example'],
  ['https://api.dev.jp:99999/a', 'https://api.dev.jp:99999/a'],
  ['http://www.dev.jp/a?b#c', 'https://www.dev.jp/a?b#c'],
  ['http://www.dev.jp', 'https://www.dev.jp'],
  ['HTTP://WWW.dev.jp:80/A%5c', 'https://www.dev.jp/A%5c'],
  ['http://www.dev.jp:443/a', 'https://www.dev.jp/a'],
  ['http://www.dev.jp:8080/a', 'http://www.dev.jp:8080/a'],
  ['http://shop.dev.jp/a', 'https://shop.dev.jp:8443/a'],
  ['http://shop.dev.jp:8443/a', 'https://shop.dev.jp:8443/a'],
  ['http://old.dev.jp/a', 'http://old.dev.jp/a'],
  ['http://www.dev.jp.evil.example/a', 'http://www.dev.jp.evil.example/a'],
  ['http://www.dev.jp@evil.example/a', 'http://www.dev.jp@evil.example/a'],
]
for (const [location, expected] of locations) {
  test(`the Location ${JSON.stringify(location)} becomes ${JSON.stringify(expected)}`, () => {
    assert.equal(translateUrl(location, places), expected)
  })
}

test('a visitor by http is sent to http', () => {
  const byHttp = { ...places, asked: { proto: 'http', host: 'www.dev.jp' } }
  assert.equal(translateUrl('http://www.dev.jp/a', byHttp), 'http://www.dev.jp/a')
})

test('without PUBLIC_ORIGIN the host that the client asked for by https counts', () => {
  const alone = { ...places, asked: { proto: 'https', host: 'www.dev.jp:8443' }, origins: [] }
  assert.equal(translateUrl('http://www.dev.jp/a', alone), 'https://www.dev.jp:8443/a')
  assert.equal(translateUrl('http://shop.dev.jp/a', alone), 'http://shop.dev.jp/a')
})

for (const [location, expected] of [
  ['http://localhost:8080/a', '/a'],
  ['http://localhost:4000/a', '/a'],
  ['http://localhost:3001/a', 'http://localhost:3001/a'],
] as const) {
  test(`on one machine with the backend ${location} becomes ${expected}`, () => {
    const here = {
      backend: new URL('http://localhost:8080'),
      asked: { proto: 'http', host: 'localhost:4000' },
      origins: [],
    }
    assert.equal(translateUrl(location, here), expected)
  })
}

test("a page's own call gets a path on the backend's origin, and other ports as they are", () => {
  const ofPage = { backend, origins }
  assert.equal(translateUrl('http://api.dev.jp/a', ofPage), '/a')
  assert.equal(translateUrl('https://api.dev.jp:9000/a', ofPage), 'https://api.dev.jp:9000/a')
  assert.equal(translateUrl('http://www.dev.jp/a', ofPage), 'http://www.dev.jp/a')
})

const refreshes: [refresh: string, expected: string][] = [
  ['5; url=https://api.dev.jp:8443/a', '5; url=/a'],
  ['0;URL=http://www.dev.jp/a', '0;URL=https://www.dev.jp/a'],
  ['0; url="http://api.dev.jp/a" ', '0; url="/a" '],
  ["0; url='http://api.dev.jp/a'x", "0; url='/a'x"],
  ['1.5 , https://api.dev.jp/a', '1.5 , /a'],
  ['5', '5'],
  ['', ''],
  ['5; url=/a', '5; url=/a'],
  ['5; url=https://other.example/a', '5; url=https://other.example/a'],
  ['odd', 'odd'],
]
for (const [refresh, expected] of refreshes) {
  test(`the Refresh ${JSON.stringify(refresh)} becomes ${JSON.stringify(expected)}`, () => {
    assert.equal(translateRefresh(refresh, places), expected)
  })
}

for (const path of [
  '//evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '/\t/evil.example',
  '\t//evil.example',
]) {
  test(`a browser that is sent to ${JSON.stringify(path)} of the backend stays on the site`, () => {
    const location = translateUrl(`https://api.dev.jp${path}`, places)
    assert.equal(new URL(location, 'https://front.example').origin, 'https://front.example')
  })
}

const toPublic = (path: string) => path.replace(/^\/v1/, '/api')
for (const [location, expected] of [
  ['http://localhost:8080/v1/a', '/api/a'],
  ['/v1/a', '/api/a'],
  ['http://localhost:3001/v1/a', 'http://localhost:3001/v1/a'],
] as const) {
  test(`on one machine with a backend at /v1 ${location} becomes ${expected}`, () => {
    const asked = { proto: 'http', host: 'localhost:4000' }
    assert.equal(
      translateUrl(location, { backend: new URL('http://localhost:8080'), asked, origins: [], toPublic }),
      expected,
    )
  })
}

for (const [location, expected] of [
  ['http://int.dev.jp/v2/y', '/v2/y'],
  ['https://cert.dev.jp:9000/y', '/y'],
  ['https://www.dev.jp/y', 'https://www.dev.jp/y'],
  ['https://shop.dev.jp/y', 'https://shop.dev.jp/y'],
] as const) {
  test(`with other names of the backend, of which one is the site's, ${location} becomes ${expected}`, () => {
    const names = ['int.dev.jp', 'cert.dev.jp', 'www.dev.jp', 'shop.dev.jp']
    assert.equal(translateUrl(location, { ...places, names }), expected)
  })
}

import assert from 'node:assert/strict'
import http from 'node:http'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { runInNewContext } from 'node:vm'
import { stand } from '../../../test/pages/stand.ts'
import { ask, file, header, request, wire } from '../../../test/raw.ts'
import { listen } from '../../front/listen.ts'
import { keepToLength } from './announced-length.ts'

const { get, port } = await stand(file)

for (const how of ['by-setHeader', 'by-writeHead']) {
  test(`no visitor gets what a page writes beyond its Content-Length, set ${how.replace('-', ' ')}`, async () => {
    for (let round = 0; round < 20; round++) {
      const asked = get(`/too-long?${how}`)
      // while the page goes on writing
      await sleep(round)
      const others = await Promise.all([get('/pid'), get('/pid'), get('/pid')])
      for (const each of others) assert.match(each.body, /^\d+$/)
      assert.equal((await asked).body, 'whole')
    }
  })
}

for (const [what, end] of Object.entries<(res: http.ServerResponse) => unknown>({
  'text at once': res => res.end('太郎beyond'),
  'bytes at once': res => res.end(Buffer.from('太郎beyond')),
  'text in another encoding': res => res.end('5aSq6YOOYmV5b25k', 'base64'),
  // Next gives an Edge route a realm of its own
  'bytes of another realm': res =>
    res.end(runInNewContext('new Uint8Array(bytes)', { bytes: [...Buffer.from('太郎beyond')] })),
  'its end alone': res => res.write('太郎') && res.end('beyond'),
  'pieces to its end': res => ['太', '郎', 'be', 'yond'].map(each => res.write(each)) && res.end(),
}))
  test(`nothing beyond the Content-Length is sent: ${what}`, async t => {
    const server = http.createServer((_req, res) => {
      keepToLength(res)
      res.setHeader('Content-Length', '6')
      end(res)
    })
    t.after(() => server.close())
    const client = await wire(t, await listen(server, 0, '127.0.0.1'))
    client.send(request('GET /', ['Connection: close']))
    assert.equal((await client.answer()).body, '太郎')
    assert.equal(await client.closed(), '')
  })

test('an answer of less than its Content-Length is cut off at once, and no other', async () => {
  const begun = performance.now()
  await assert.rejects(get('/too-short'), /closed before a whole answer.*short/)
  assert.ok(performance.now() - begun < 5000)
  assert.equal((await get('/pid')).status, 200)
})

for (const method of ['GET', 'HEAD']) {
  test(`no visitor waits for a page that has sent its whole answer to ${method}, and goes on`, async () => {
    const { body: pid } = await get('/pid')
    const answer = await ask(port, request(`${method} /whole`), method === 'HEAD')
    assert.deepEqual([answer.status, header(answer, 'content-length')], [200, '5'])
    for (let i = 0; i < 3; i++) assert.equal((await get('/pid')).body, pid)
  })
}

import assert from 'node:assert/strict'
import http from 'node:http'
import { Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { createMemory, type Memory } from './memory.ts'

const MB = 1024 ** 2

function exchange(url: string) {
  const req = new http.IncomingMessage(new Socket())
  req.url = url
  return { req, res: new http.ServerResponse(req) }
}

/** Begins to send a file; how far it comes is up to the test. */
function send(memory: Memory, path: string, size: number): PassThrough {
  const { req, res } = exchange(path)
  res.setHeader('Content-Length', size)
  const file = new PassThrough()
  memory.keep(req, res, file)
  file.resume()
  return file
}

const end = (file: PassThrough, size: number) =>
  new Promise<void>(resolve => void file.once('close', resolve).end(Buffer.alloc(size)))

function isKept(memory: Memory, path: string): boolean {
  const { req, res } = exchange(path)
  return memory.answer(req, res)
}

test('what is on its way to slow clients counts, until it is whole or broken off', async () => {
  const memory = createMemory()
  const slow = Array.from({ length: 32 }, (_, i) => send(memory, `/slow-${i}.js`, MB))
  await end(send(memory, '/no-room.js', 1000), 1000)
  assert.equal(isKept(memory, '/no-room.js'), false)
  const [first, ...others] = slow
  await new Promise(resolve => first?.once('close', resolve).destroy())
  await end(send(memory, '/room.js', 1000), 1000)
  assert.equal(isKept(memory, '/room.js'), true)
  await Promise.all(others.map(file => end(file, MB)))
  assert.ok(others.every((_, i) => isKept(memory, `/slow-${i + 1}.js`)))
})

test('many clients that ask for a file at once take the room of one', async () => {
  const memory = createMemory()
  const slow = Array.from({ length: 40 }, () => send(memory, '/slow.js', MB))
  await end(send(memory, '/room.js', 1000), 1000)
  assert.equal(isKept(memory, '/room.js'), true)
  await Promise.all(slow.map(file => end(file, MB)))
  assert.equal(isKept(memory, '/slow.js'), true)
})

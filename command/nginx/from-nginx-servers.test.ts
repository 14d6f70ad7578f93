import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ENV, isEnough, read, said, server } from '../../test/nginx.ts'

test('a listener of the PROXY protocol is not carried over', async () => {
  const reading = await read(server('').replace('listen 4000', 'listen 4000 proxy_protocol'))
  assert.match(said(reading, 'listen').join(), /lost: .*gets 400/)
})

test('of several servers the one with a backend is taken, and the others are named', async () => {
  const reading = await read(
    `server { listen 80; server_name a.jp; return 301 https://$host$request_uri; }\n${server('')}`,
  )
  assert.deepEqual(reading.env, ENV)
  assert.match(
    said(reading, 'server').join(),
    /another server \(port 80, a.jp\): the redirect from http to https is for the public ALB/,
  )
})

test('the port of a server with TLS is not taken: the front speaks plain HTTP', async () => {
  const reading = await read(
    'server { listen 443 ssl; location /user/login { proxy_pass https://api.dev.jp/user/login; } }',
  )
  assert.equal(reading.env.PORT, undefined)
  assert.match(said(reading, 'listen').join(), /TLS ends at the public ALB.*plain HTTP at PORT/)
  isEnough(reading)
})

test('of two servers with a backend one has to be named, by its port or its name', async () => {
  const two = `${server('')}\nserver { listen 5000; server_name b.jp; location /b { proxy_pass https://b.dev.jp; } }`
  assert.match(
    (await read(two)).missing.join(),
    /name one with --server.*\(port 4000\), \(port 5000, b\.jp\)/,
  )
  for (const which of ['5000', 'b.jp']) {
    const reading = await read(two, { server: which })
    assert.match(reading.config ?? '', /to: 'https:\/\/b\.dev\.jp'/)
    assert.deepEqual([reading.env, reading.missing], [{ PORT: '5000' }, []])
  }
  assert.match(
    (await read(two, { server: '6000' })).missing.join(),
    /no server has the port or the name 6000/,
  )
})

test('a server that does not say where it listens is at port 80', async () => {
  const reading = await read(server('').replace('listen 4000;', ''))
  assert.deepEqual(reading.env, { ...ENV, PORT: '80' })
})

test('HTTP/3 is not for a task behind an ALB: neither its port is taken nor what offers it', async () => {
  const reading = await read(
    server('add_header Alt-Svc \'h3=":443"\';').replace('listen 4000', 'listen 443 quic; listen 443 ssl'),
  )
  assert.equal(reading.env.PORT, undefined)
  assert.equal(reading.config, undefined)
  assert.match(said(reading, 'add_header Alt-Svc').join(), /^look: HTTP\/3/)
})

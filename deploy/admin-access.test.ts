import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { optionsOf } from '../test/ecs/shape.ts'
import { runCommand } from '../test/run-program.ts'
import { stage } from '../test/stage.ts'
import { freePort } from '../testing/command.ts'
import { fakeAws } from './test/fake-aws.ts'

/** The walk of docs/admin-access.md, with a front in the place of the task and a stand-in for AWS. */
const page = await readFile(new URL('../docs/admin-access.md', import.meta.url), 'utf8')
const [, look = ''] = /<!-- look -->\n```sh\n([\s\S]*?)```/.exec(page) ?? []
const TOKEN = 'himitsu-himitsu-himitsu-himitsu-'

/** What Session Manager does: a port of this machine leads to a host and port that the bastion reaches. */
const FORWARD = `
const net = require('node:net')
const [, host, port, local] = /host=(.+),portNumber=(\\d+),localPortNumber=(\\d+)/.exec(process.argv.at(-1))
net.createServer(socket => {
  const to = net.connect(Number(port), host)
  socket.pipe(to).pipe(socket)
  for (const each of [socket, to]) each.on('error', () => { socket.destroy(); to.destroy() })
}).listen(Number(local), '127.0.0.1')
`

const AWS = `
case "$1 $2" in
  'ecs list-tasks') [ "$4 $6" = 'gatehouse gatehouse' ] || exit 2
    echo arn:aws:ecs:ap-northeast-1:111122223333:task/gatehouse/0123456789abcdef ;;
  'ecs describe-tasks') [ "$6" = arn:aws:ecs:ap-northeast-1:111122223333:task/gatehouse/0123456789abcdef ] || exit 2
    echo 127.0.0.1 ;;
  'secretsmanager get-secret-value') [ "$4" = gatehouse/admin-token ] || exit 2
    echo ${TOKEN} ;;
  'ssm start-session') [ "$4 $6" = 'i-0123456789abcdef0 AWS-StartPortForwardingSessionToRemoteHost' ] || exit 2
    exec '${process.execPath}' forward.cjs "$8" ;;
  *) exit 2 ;;
esac
`

test('from nothing but names to the state and the metrics of a task that runs, by the commands of the page', async t => {
  const { adminPort } = await stage(t, { env: { ADMIN_TOKEN: TOKEN } })
  const { folder } = fakeAws(t, AWS)
  await writeFile(join(folder, 'forward.cjs'), FORWARD)
  const local = await freePort()
  const commands = look
    .replaceAll('127.0.0.1:4001', `127.0.0.1:${local}`)
    .replace('localPortNumber=4001', `localPortNumber=${local}`)
    .replace('portNumber=4001', `portNumber=${adminPort}`)
  assert.match(commands, RegExp(`portNumber=${adminPort},localPortNumber=${local}`))
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` }
  const shell = ['bash', '-euo', 'pipefail', '-c', `${commands}kill %1\n`]
  const { out, errors, code } = await runCommand(shell, { env })
  assert.equal(code, 0, errors)
  assert.match(out, /"headline": \{/)
  assert.match(out, /^gatehouse_ready 1$/m)
})

test('each option of `aws ecs` on the page is one of the operation', () => {
  const calls = [...look.replaceAll('\\\n', ' ').matchAll(/aws ecs (\S+) ([^\n)]*)/g)]
  assert.ok(calls.length >= 2)
  for (const [, operation = '', rest = ''] of calls) {
    const known = [...optionsOf(operation), '--query', '--output']
    for (const [option] of rest.matchAll(/(?<=\s|^)--[a-z-]+/g))
      assert.ok(known.includes(option), `${operation} ${option}`)
  }
})

test('a token that the page makes is one that the front takes', async t => {
  const [, command = ''] = /--secret-string "\$\((.*?)\)"/.exec(page) ?? []
  const { out } = await runCommand(['bash', '-c', command])
  const token = out.trim()
  assert.match(token, /^[\da-f]{64}$/)
  const { adminPort } = await stage(t, { env: { ADMIN_TOKEN: token } })
  const headers = { Authorization: `Bearer ${token}` }
  assert.equal((await fetch(`http://127.0.0.1:${adminPort}/state`, { headers })).status, 200)
})

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import net from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../testing/command.ts'
import { untilOpen } from '../until-open.ts'

const HAPROXY = '/usr/sbin/haproxy'
/** A real ALB asks every 5 s at the most often. */
const CHECK_MS = 200
/** So many targets at a time. */
const MOST = 4

export const whyNot = () => (existsSync(HAPROXY) ? undefined : `${HAPROXY} is not installed`)

/**
 * The public ALB with one target group, played by HAProxy. As an ALB does it: keeps connections to its targets, asks for /healthz, and sends no request twice.
 * @param folder for its configuration and its socket
 */
export async function startPublicAlb(folder: string) {
  const port = Number(await freePort())
  const control = join(folder, 'haproxy.sock')
  const config = join(folder, 'haproxy.cfg')
  await writeFile(
    config,
    `global
  stats socket ${control} level admin
  stats timeout 5m
defaults
  mode http
  retries 0
  timeout connect 1s
  timeout client 60s
  timeout server 60s
  timeout check 5s
frontend public
  bind 127.0.0.1:${port}
  option forwardfor
  default_backend tasks
backend tasks
  balance roundrobin
  http-reuse always
  option httpchk GET /healthz
  http-check expect status 200
  default-server check inter ${CHECK_MS}ms fall 2 rise 2 disabled
  server-template task 1-${MOST} 127.0.0.1:1
`,
  )
  const haproxy = spawn(HAPROXY, ['-f', config, '-db'], { stdio: 'ignore' })
  const killAlong = () => haproxy.kill('SIGKILL')
  process.once('exit', killAlong)
  await untilOpen(haproxy, port)

  /** the targets' ports, each in the place of its server */
  const places: (number | undefined)[] = Array.from({ length: MOST })

  async function sendCommands(...commands: string[]): Promise<string> {
    const socket = net.connect(control)
    socket.end(`${commands.join(';')}\n`)
    return text(socket)
  }
  const server = (port: number) => `tasks/task${places.indexOf(port) + 1}`

  return {
    /** where people come in */
    port,
    /** A task is there, whether it listens yet or not; it gets requests once it has been healthy twice. */
    async register(port: number) {
      places[places.indexOf(undefined)] = port
      const name = server(port)
      // HAProxy takes one that comes back for healthy until it is not; an ALB waits for its own checks
      await sendCommands(
        `set server ${name} addr 127.0.0.1 port ${port}`,
        `set server ${name} state ready`,
        `set server ${name} health down`,
      )
    },
    /** Resolves when the target gets requests. */
    async healthy(port: number) {
      const name = server(port).replace('/', ',')
      // a check in progress that has not passed yet says `UP 1/2` or `DOWN 1/2`
      const isUp = async () => {
        const lines = (await sendCommands('show stat')).split('\n')
        return lines.some(line => line.startsWith(`${name},`) && line.split(',')[17] === 'UP')
      }
      while (!(await isUp())) await sleep(CHECK_MS / 4)
    },
    /** The target gets no new request; those it has go on. */
    async deregister(port: number) {
      await sendCommands(`set server ${server(port)} state drain`)
    },
    /** Its task is gone. */
    async remove(port: number) {
      await sendCommands(`set server ${server(port)} state maint`)
      places[places.indexOf(port)] = undefined
    },
    async close() {
      process.off('exit', killAlong)
      haproxy.kill('SIGKILL')
      if (haproxy.exitCode === null && haproxy.signalCode === null) await once(haproxy, 'exit')
    },
  }
}

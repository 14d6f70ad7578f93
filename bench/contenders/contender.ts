import { freePort } from '../../e2e/command.ts'
import { type Program, pinned, type SpawnAt, start } from '../programs.ts'
import type { Stand } from '../stand.ts'

/** One set-up that can stand in front of the API. */
export type Contender = {
  name: string
  /** Starts its programs; they may not answer yet. */
  start(stand: Stand): Promise<Running>
}

export type Running = {
  /** `http://127.0.0.1:4000` */
  url: string
  /** whose CPU and memory count, with all that they start */
  pids: readonly number[]
  /** starts its clients */
  spawnAt: SpawnAt
  stop(): Promise<void>
}

/** Its programs as one. */
export const running = ({ spawnAt }: Stand, port: string, programs: readonly Program[]): Running => ({
  spawnAt,
  url: `http://127.0.0.1:${port}`,
  pids: programs.map(each => each.pid),
  async stop() {
    await Promise.all(programs.map(each => each.kill()))
  },
})

/** A contender that is one Node program: PORT, BACKEND_ORIGIN and DNS_SERVERS in its environment. */
export function nodeProgram(
  name: string,
  args: (stand: Stand, port: string) => readonly string[],
  env: (stand: Stand) => Readonly<Record<string, string>> = () => ({}),
): Contender {
  return {
    name,
    async start(stand) {
      const port = await freePort()
      return running(stand, port, [startNode(stand, port, args(stand, port), env(stand))])
    },
  }
}

export function startNode(
  { spawnAt, backend, site }: Stand,
  port: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Program {
  const settings = {
    HOST: '127.0.0.1',
    PORT: port,
    BACKEND_ORIGIN: backend.origin,
    DNS_SERVERS: backend.dns,
    NODE_EXTRA_CA_CERTS: backend.ca,
    ...env,
  }
  return start(spawnAt, 'front', process.execPath, args, { cwd: site, env: settings })
}

/** The same with its programs on the first core and its clients on the second. */
export const onOneCore = ({ name, start }: Contender): Contender => ({
  name: `${name}, 1 core`,
  start: stand => start({ ...stand, spawnAt: pinned({ front: 0, client: 1, backend: 1 }) }),
})

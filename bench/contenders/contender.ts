import { freePort } from '../../testing/command.ts'
import type { Setup } from '../backend.ts'
import { type Program, pinned, type SpawnAt, start } from '../programs.ts'

/** One set-up that can stand in front of the API. */
export type Contender = {
  name: string
  /** why it cannot run here */
  absent?: string
  /** Starts its programs; they may not answer yet. */
  start(setup: Setup): Promise<Running>
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
export const running = ({ spawnAt }: Setup, port: string, programs: readonly Program[]): Running => ({
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
  args: (setup: Setup, port: string) => readonly string[],
  env: (setup: Setup) => Readonly<Record<string, string>> = () => ({}),
): Contender {
  return {
    name,
    async start(setup) {
      const port = await freePort()
      return running(setup, port, [startNode(setup, port, args(setup, port), env(setup))])
    },
  }
}

export function startNode(
  { spawnAt, backend, site }: Setup,
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
  start: setup => start({ ...setup, spawnAt: pinned({ front: 0, client: 1, backend: 1 }) }),
})

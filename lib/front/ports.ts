import { once } from 'node:events'
import net from 'node:net'
import { systemErrorCode } from '../http/errors.ts'
import type { Config, Env } from '../settings/settings.ts'
import type { Words } from '../settings/words.ts'

const LISTENERS = [
  { port: 'PORT', host: 'HOST' },
  { port: 'ADMIN_PORT', host: 'ADMIN_HOST' },
  { port: 'EGRESS_PORT', host: undefined },
] as const

type PortSetting = (typeof LISTENERS)[number]['port']
type Taken = { readonly setting: PortSetting; readonly wished: number; readonly port: number }

const MOST_TRIED = 100

/**
 * For development: another free port in place of each default that is taken. A port that somebody has set stays, for
 * something else counts on it.
 * @param env where the settings came from
 * @returns the settings to go on with, and what had to give way
 */
export async function findFreePorts(
  config: Config,
  env: Env,
): Promise<{ readonly config: Config; readonly taken: readonly Taken[] }> {
  const ports = { PORT: config.PORT, ADMIN_PORT: config.ADMIN_PORT, EGRESS_PORT: config.EGRESS_PORT }
  const taken: Taken[] = []
  for (const { port: setting, host } of LISTENERS) {
    const wished = ports[setting]
    if (env[setting]?.trim() || wished === 0) continue
    // the others' ports, too: they may be free yet, but not for this listener
    const others = LISTENERS.filter(({ port }) => port !== setting).map(({ port }) => ports[port])
    let port = wished
    while (others.includes(port) || !(await isFree(port, host ? config[host] : '127.0.0.1'))) {
      port++
      if (port > Math.min(wished + MOST_TRIED, 65_535)) return { config, taken: [] }
    }
    if (port !== wished) taken.push({ setting, wished, port })
    ports[setting] = port
  }
  return { config: Object.freeze({ ...config, ...ports }), taken }
}

async function isFree(port: number, host: string): Promise<boolean> {
  const server = net.createServer()
  server.listen(port, host)
  try {
    await once(server, 'listening')
  } catch (error) {
    // what is wrong otherwise (a HOST of another machine) is for the listener itself to say
    return systemErrorCode(error) !== 'EADDRINUSE'
  }
  server.close()
  await once(server, 'close')
  return true
}

/**
 * Why a listener could not be opened, with the setting that decides it.
 * @param error as Node threw it: its port says whose it is, for no two listeners have the same
 * @returns undefined where it is about no listener
 */
export function describeListenError(error: unknown, config: Config): Words | undefined {
  if (!(error instanceof Error)) return undefined
  const port: unknown = Reflect.get(error, 'port')
  const code = systemErrorCode(error) ?? ''
  const listener = LISTENERS.find(each => config[each.port] === port)
  if (code === 'EADDRINUSE' && listener)
    return {
      en: `${listener.port} ${port} is taken: set ${listener.port} to a free port, or stop what listens there`,
      ja: `${listener.port} ${port} は使用中です。${listener.port} に空いているポートを設定するか、そこで待ち受けているものを止めてください`,
    }
  if (code === 'EACCES' && listener)
    return {
      en: `${listener.port} ${port} may not be used by this user: set ${listener.port} to 1024 or more`,
      ja: `${listener.port} ${port} は、このユーザーでは使えません。${listener.port} を 1024 以上にしてください`,
    }
  const wrong: unknown[] = [Reflect.get(error, 'address'), Reflect.get(error, 'hostname')]
  const host = LISTENERS.flatMap(each => each.host ?? []).find(each => wrong.includes(config[each]))
  if (/^(EADDRNOTAVAIL|ENOTFOUND|EAI_AGAIN)$/.test(code) && host) {
    const always = host === 'HOST' ? '0.0.0.0' : '127.0.0.1'
    return {
      en: `${host} ${config[host]} is no address of this machine: set ${host} to one, or to ${always}`,
      ja: `${host} ${config[host]} は、このマシンのアドレスではありません。${host} をこのマシンのアドレス、または ${always} にしてください`,
    }
  }
  return undefined
}

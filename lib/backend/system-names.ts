import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'

/** Where the system keeps what it knows of names. Tests have files of their own. */
export type NameFiles = { readonly hosts: string; readonly resolvConf: string }

export const SYSTEM: NameFiles = { hosts: '/etc/hosts', resolvConf: '/etc/resolv.conf' }

/** What resolv.conf(5) says of how a name is asked for. */
export type ResolvConf = {
  readonly servers: readonly string[]
  readonly search: readonly string[]
  /** a name with fewer dots is tried with the search list first */
  readonly ndots: number
}

/** As glibc has it. */
const MOST_NDOTS = 15

/** The addresses of a name in a hosts file, as hosts(5) writes it; none where there is no such file. */
export async function inHosts(file: string, name: string): Promise<readonly string[]> {
  const wanted = bare(name)
  const addresses = (await linesOf(file, wanted)).flatMap(([address = '', ...names]) =>
    isIP(address) > 0 && names.map(bare).includes(wanted) ? [address] : [],
  )
  return [...new Set(addresses)]
}

/** What a resolv.conf says; of several `search` or `domain` lines the last one counts. */
export async function readResolvConf(file: string): Promise<ResolvConf> {
  const servers: string[] = []
  let search: readonly string[] = []
  let ndots = 1
  for (const [keyword, ...values] of await linesOf(file)) {
    const [first = ''] = values
    if (keyword === 'nameserver' && isServer(first)) servers.push(first)
    if (keyword === 'search') search = values.map(bare).filter(each => each !== '')
    if (keyword === 'domain') search = values.slice(0, 1).map(bare)
    if (keyword !== 'options') continue
    for (const each of values) {
      const dots = /^ndots:(\d+)$/.exec(each)?.[1]
      if (dots !== undefined) ndots = Math.min(Number(dots), MOST_NDOTS)
    }
  }
  return { servers, search, ndots }
}

/** The names that are asked for in place of one, in this order. A dot at the end says that the name is whole. */
export function candidatesOf(
  name: string,
  { search, ndots }: Pick<ResolvConf, 'search' | 'ndots'>,
): string[] {
  if (name.endsWith('.')) return [name]
  const longer = search.map(each => `${name}.${each}`)
  const dots = name.split('.').length - 1
  return [...new Set(dots >= ndots ? [name, ...longer] : [...longer, name])]
}

/** An address, with a port where c-ares takes one. */
const isServer = (text: string) => isIP(text) > 0 || isIP(text.replace(/^\[?(.*?)\]?:\d+$/, '$1')) > 0

const bare = (name: string) => name.toLowerCase().replace(/\.$/, '')

/**
 * The words of each line, without comments, in lower case.
 * @param part of the lines that are wanted: a list of 150,000 blocked names takes a second of CPU otherwise
 */
async function linesOf(file: string, part = ''): Promise<string[][]> {
  const text = await readFile(file, 'utf8').catch(() => '')
  const lines = text.toLowerCase().split('\n')
  return lines
    .filter(line => line.includes(part))
    .map(line =>
      line
        .replace(/[#;].*$/, '')
        .split(/\s+/)
        .filter(word => word !== ''),
    )
}

import type { Notes } from './finding.ts'
import type { Directive } from './parse.ts'
import { inText, named } from './scope.ts'

/** Ends of connections that are the public ALB's. */
const ALBS = ['ssl', 'http2', 'quic', 'proxy_protocol'] as const

/** Whether a `listen` speaks TLS: `ssl`, or `quic` for HTTP/3. */
export const isTls = ({ args }: Directive) => args.includes('ssl') || args.includes('quic')

/** Where a server listens: as text, `4000`; at 80 where it does not say. */
export function portsOf(server: readonly Directive[]): string[] {
  const ports = named(server, 'listen').map(each => parse(each.args[0] ?? '').port)
  return ports.length > 0 ? ports : ['80']
}

/** The block of the server that has the hosts at a port that no server names: `default_server`, or else the first. */
export function defaultAt(port: string, servers: readonly Directive[]): readonly Directive[] | undefined {
  const blocks = servers.map(({ block = [] }) => block).filter(each => portsOf(each).includes(port))
  const isDefault = ({ args: [address = '', ...words] }: Directive) =>
    parse(address).port === port && words.some(each => /^default(_server)?$/.test(each))
  return blocks.find(each => named(each, 'listen').some(isDefault)) ?? blocks[0]
}

/** `listen` → PORT and HOST. */
export function readListen(server: Directive, notes: Notes): void {
  const texts = notes.texts.listen
  const listens = named(server.block ?? [], 'listen')
  // Nginx's default, for whoever starts it as root
  if (listens.length === 0) notes.set('PORT', '80', server)
  for (const directive of listens) {
    for (const word of directive.args.flatMap(each => ALBS.find(name => name === each) ?? []))
      notes.note(
        ['ssl', 'proxy_protocol'].includes(word) ? 'lost' : 'look',
        directive,
        texts[word],
        `listen … ${word}`,
      )
  }
  const [first, ...others] = listens
    .filter(({ args: [address = ''] }) => !address.startsWith('unix:'))
    .toSorted((a, b) => Number(isTls(a)) - Number(isTls(b)))
  for (const directive of listens.filter(each => each.args[0]?.startsWith('unix:')))
    notes.note('lost', directive, texts.port, inText(directive))
  if (!first) return
  const { host, port } = parse(first.args[0] ?? '')
  // a port of TLS is the public ALB's: on it, somebody would look for TLS
  if (!isTls(first)) notes.set('PORT', port, first)
  for (const directive of others) {
    if (parse(directive.args[0] ?? '').port !== port)
      notes.note('lost', directive, texts.onePort, inText(directive))
  }
  const places = [first, ...others].map(({ args: [address = ''] }) => parse(address))
  const hosts = places.filter(each => each.port === port).map(each => each.host)
  if (hosts.includes('::')) notes.set('HOST', '::', first)
  else if (!hosts.includes('0.0.0.0')) notes.set('HOST', host, first)
}

function parse(address: string): { host: string; port: string } {
  if (/^\d+$/.test(address)) return { host: '0.0.0.0', port: address }
  const [, host = address, port = '80'] = /^(.*):(\d+)$/.exec(address) ?? []
  return { host: host === '*' ? '0.0.0.0' : host.replace(/^\[(.*)\]$/, '$1'), port }
}

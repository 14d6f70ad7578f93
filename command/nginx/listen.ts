import type { Notes } from './finding.ts'
import type { Directive } from './parse.ts'
import { inText, named } from './scope.ts'

/** Ends of connections that are the public ALB's. */
const ALBS: Readonly<Record<string, string>> = {
  ssl: 'TLS ends at the public ALB, whose target group has the protocol HTTP: the front speaks plain HTTP at PORT, 4000 where nothing else is said',
  http2: 'HTTP/2 ends at the public ALB',
  quic: 'HTTP/3 is not for a task behind an ALB',
  proxy_protocol: 'the client is taken from X-Forwarded-For, which an ALB sends',
}

/** Where a server listens: as text, `4000`. */
export const portsOf = (server: readonly Directive[]) =>
  named(server, 'listen').map(each => parse(each.args[0] ?? '').port)

/** `listen` → PORT and HOST. */
export function readListen(server: readonly Directive[], notes: Notes): void {
  const listens = named(server, 'listen')
  for (const directive of listens) {
    for (const word of directive.args) {
      if (ALBS[word]) notes.note(word === 'ssl' ? 'lost' : 'look', directive, ALBS[word], `listen … ${word}`)
    }
  }
  const [first, ...others] = listens
    .filter(({ args: [address = ''] }) => !address.startsWith('unix:'))
    .toSorted((a, b) => Number(a.args.includes('ssl')) - Number(b.args.includes('ssl')))
  for (const directive of listens.filter(each => each.args[0]?.startsWith('unix:')))
    notes.note('lost', directive, 'the front listens at a port', inText(directive))
  if (!first) return
  const { host, port } = parse(first.args[0] ?? '')
  // a port of TLS is the public ALB's: on it, somebody would look for TLS
  if (!first.args.includes('ssl')) notes.set('PORT', port, first)
  for (const directive of others) {
    if (parse(directive.args[0] ?? '').port !== port)
      notes.note('lost', directive, 'there is one public port', inText(directive))
  }
  const hosts = [
    host,
    ...others
      .filter(each => parse(each.args[0] ?? '').port === port)
      .map(each => parse(each.args[0] ?? '').host),
  ]
  if (hosts.includes('::')) notes.set('HOST', '::', first)
  else if (!hosts.includes('0.0.0.0')) notes.set('HOST', host, first)
}

function parse(address: string): { host: string; port: string } {
  if (/^\d+$/.test(address)) return { host: '0.0.0.0', port: address }
  const [, host = address, port = '80'] = /^(.*):(\d+)$/.exec(address) ?? []
  return { host: host === '*' ? '0.0.0.0' : host.replace(/^\[(.*)\]$/, '$1'), port }
}

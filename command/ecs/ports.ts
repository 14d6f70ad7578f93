import { LEAST_PORT, LOOPBACK_PORTS, PORT } from './front.ts'
import type { Notes } from './notes.ts'
import type { Roles } from './roles.ts'
import { type Container, compact, type PortMapping, sharesNetwork, type Task } from './task.ts'

export type Ports = {
  /** where the front listens, and the load balancer asks */
  readonly front: number
  /** of Nginx, where the load balancer asked */
  readonly before: number | undefined
  /** of the app behind Nginx */
  readonly next: number
  readonly mappings: readonly PortMapping[]
  /** ADMIN_PORT and EGRESS_PORT where their defaults are taken */
  readonly settings: Readonly<Record<string, string>>
}

type Wanted = {
  /** `--nginx-port` */
  readonly nginxPort?: number | undefined
  /** where Nginx's configuration listens */
  readonly listen?: number | undefined
  /** `--env PORT=…` */
  readonly port?: number | undefined
}

const portsOf = ({ portMappings = [] }: Container) =>
  portMappings.flatMap(({ containerPort }) => containerPort ?? [])

/**
 * The front takes Nginx's port, so that nothing around the task has to change; below 1024, which its user may not bind, and where
 * another container has it, 4000.
 */
export function choosePorts(task: Task, { nginx, app }: Roles, wanted: Wanted, notes: Notes): Ports {
  const mapping = entryOf(nginx, wanted, notes)
  const before = mapping?.containerPort ?? wanted.nginxPort ?? wanted.listen
  const others = task.containerDefinitions.filter(each => each !== nginx && each !== app)
  const taken = new Set(sharesNetwork(task) ? others.flatMap(portsOf) : [])
  const next = nextPortOf(app)
  const free = (port: number, more: readonly number[] = []): number =>
    taken.has(port) || more.includes(port) ? free(port + 1, more) : port
  const isFitting = before !== undefined && before >= LEAST_PORT && !taken.has(before)
  const front = wanted.port ?? (isFitting ? before : free(PORT))

  const settings: Record<string, string> = {}
  const chosen = [front]
  for (const [name, usual] of Object.entries(LOOPBACK_PORTS)) {
    const port = free(usual, [...chosen, ...(chosen.length === 1 ? [LOOPBACK_PORTS.EGRESS_PORT] : [])])
    chosen.push(port)
    if (port === usual) continue
    settings[name] = String(port)
    notes.changed(notes.texts.ports.taken(name, port, usual))
  }
  if (before !== undefined && front !== before)
    notes.changed(notes.texts.ports.changed(front, before, before < LEAST_PORT))
  return {
    front,
    before,
    next,
    mappings: mappingsOf(task, { nginx, app }, mapping, front, next, notes),
    settings,
  }
}

/** The mapping that the load balancer uses. */
function entryOf(
  { name, portMappings = [] }: Container,
  wanted: Wanted,
  notes: Notes,
): PortMapping | undefined {
  const texts = notes.texts.ports
  const byPort = (port: number | undefined) => portMappings.find(each => each.containerPort === port)
  if (wanted.nginxPort !== undefined) {
    const found = byPort(wanted.nginxPort)
    if (!found && portMappings.length > 0)
      throw new Error(
        texts.noPort(name, wanted.nginxPort, portMappings.map(each => each.containerPort).join(', ')),
      )
    return found
  }
  const fromFile = wanted.listen === undefined ? undefined : byPort(wanted.listen)
  if (fromFile) return fromFile
  const all = portMappings.filter(each => each.containerPort !== undefined)
  const plain = all.filter(each => each.containerPort !== 443)
  if (plain.length < all.length && plain.length < 2) notes.look(texts.tls(name))
  if (all.length < 2) return all[0]
  if (plain.length === 1) return plain[0]
  const ports = portMappings.map(each => each.containerPort).join(', ')
  notes.ask(texts.several(name, ports), '--nginx-port PORT')
  return undefined
}

/** Where the app listened behind Nginx: its one port, PORT, `next start -p`, or Next's own default. */
function nextPortOf(app: Container): number {
  const [, flag] =
    /(?:-p|--port)[ =](\d+)/.exec([...(app.entryPoint ?? []), ...(app.command ?? [])].join(' ')) ?? []
  const said = flag ?? app.environment?.find(({ name }) => name === 'PORT')?.value
  const [only, ...more] = portsOf(app)
  return Number(said) || (more.length === 0 && only) || 3000
}

function mappingsOf(
  { networkMode }: Task,
  { nginx, app }: Roles,
  mapping: PortMapping | undefined,
  front: number,
  next: number,
  notes: Notes,
): PortMapping[] {
  const texts = notes.texts.ports
  const all = mapping === undefined ? [] : (nginx.portMappings ?? [])
  const lost = all.filter(each => each !== mapping && each.containerPort !== 443)
  for (const each of lost)
    notes.look(texts.lost(nginx.name, String(each.containerPort ?? each.containerPortRange)))
  const own = (app.portMappings ?? []).find(({ containerPort }) => containerPort === next)
  const kept = (app.portMappings ?? []).filter(each => each !== own && each.containerPort !== front)
  for (const each of kept)
    notes.look(texts.kept(app.name, String(each.containerPort ?? each.containerPortRange)))
  const name = mapping?.name ?? own?.name
  if (mapping?.name !== undefined && own?.name !== undefined)
    notes.look(texts.name(own.name, next, mapping.name))
  const { appProtocol } = mapping ?? {}
  if (appProtocol !== undefined && appProtocol !== 'http') notes.changed(texts.protocol(appProtocol))
  const hostPort = networkMode === 'host' ? front : mapping?.hostPort
  if (networkMode !== 'awsvpc' && hostPort) notes.confirm('host-port', texts.hostPort(hostPort))
  const entry = compact({
    ...mapping,
    containerPort: front,
    hostPort: networkMode === 'awsvpc' && hostPort !== undefined ? front : hostPort,
    protocol: 'tcp',
    name,
    appProtocol: appProtocol === undefined ? undefined : 'http',
  })
  return [entry, ...kept]
}

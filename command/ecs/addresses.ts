import type { Notes } from './notes.ts'
import type { Ports } from './ports.ts'
import type { Roles } from './roles.ts'
import { type Container, sharesNetwork, type Task } from './task.ts'

/** `http://localhost:3000/…`, `nginx:80`, `--scrape-uri=http://127.0.0.1/` in an environment or a command. */
const ADDRESS =
  /(?:(https?):\/\/|(?<![\w.-]))(localhost|127\.0\.0\.1|\[::1\]|[a-z][\w-]*)(?::(\d+))?(?=[/?#\s"',]|$)/gi
const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])$/i

/**
 * Whether no security group is asked: a container of the same task.
 * @param links of the front: `api:backend` is in its /etc/hosts by both names
 */
export function isInside(origin: string, links: readonly string[] = []): boolean {
  const { hostname } = new URL(origin)
  const names = links.flatMap(each => each.toLowerCase().split(':'))
  return LOOPBACK.test(hostname) || names.includes(hostname)
}

/** An origin of the routes inside the task, where nothing listens any more: Nginx's own port, or Next's. */
export function sayOfOrigins(
  task: Task,
  origins: readonly string[],
  roles: Roles,
  ports: Ports,
  notes: Notes,
) {
  const { old, names } = goneOf(task, roles, ports)
  for (const each of origins) {
    const { hostname, port, protocol } = new URL(each)
    const at = Number(port || (protocol === 'https:' ? 443 : 80))
    const isHere = isInside(each) || names.includes(hostname)
    if (isHere && (at === ports.front || old.includes(at))) notes.look(notes.texts.routes.nowhere(each))
  }
}

function goneOf(task: Task, { nginx, app }: Roles, ports: Ports) {
  return {
    old: [ports.before, ports.next, ...(nginx.portMappings ?? []).map(each => each.containerPort)],
    names: sharesNetwork(task) ? [] : [nginx.name, app.name],
  }
}

/** What a container that stays calls inside the task, where nothing listens any more. */
export function sayOfAddresses(task: Task, container: Container, roles: Roles, ports: Ports, notes: Notes) {
  const { app } = roles
  const texts = notes.texts.addresses
  const { old, names: all } = goneOf(task, roles, ports)
  const names = all.filter(each => container !== app || each !== app.name)
  const leadsNowhere = (text: string) =>
    [...text.matchAll(ADDRESS)].some(([, scheme, host = '', port]) => {
      if (scheme === undefined && port === undefined) return false
      const at = Number(port ?? (scheme === 'https' ? 443 : 80))
      return at !== ports.front && old.includes(at) && (LOOPBACK.test(host) || names.includes(host))
    })
  const places = [
    ...(container.environment ?? []).map(({ name, value }) => ({
      what: texts.variable(name, container.name),
      value,
    })),
    ...(container === app
      ? []
      : [
          { what: texts.command(container.name), value: (container.command ?? []).join(' ') },
          {
            what: texts.healthCheck(container.name),
            value: (container.healthCheck?.command ?? []).join(' '),
          },
        ]),
  ]
  for (const { what } of places.filter(each => leadsNowhere(each.value)))
    notes.look(texts.nowhere(what, ports.front))
}

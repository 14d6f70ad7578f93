import type { Notes } from './notes.ts'
import type { Container, Task } from './task.ts'

export type Roles = { readonly nginx: Container; readonly app: Container }
/** The task, and what becomes of it. */
export type Conversion = Roles & {
  readonly task: Task
  /** the containers that go, Nginx among them */
  readonly gone: readonly Container[]
  readonly notes: Notes
}
export type Named = {
  readonly nginxContainer?: string | undefined
  readonly appContainer?: string | undefined
  /** containers that go as well */
  readonly drop: readonly string[]
}

const NGINX = /nginx|openresty/i
const EXPORTER = /exporter/i
/** Images and names of what stands beside an app: agents, collectors, log routers, proxies of a mesh, caches. */
const SIDECAR =
  /datadog|dd-agent|xray|x-ray|otel|opentelemetry|adot|fluent|log_?router|firelens|cloudwatch|cwagent|newrelic|telegraf|prometheus|exporter|envoy|appmesh|service-connect|guardduty|falcon|sysdig|vault|mackerel|zabbix|vector|promtail|statsd|redis|memcached|valkey/i

/** `111122223333.dkr.ecr.…/web/nginx:1.2` → `web/nginx`: neither a registry nor a tag says what an image is. */
const repositoryOf = ({ image }: Container) => {
  const [first = '', ...rest] = image.replace(/@.*$/, '').split('/')
  const path = rest.length > 0 && /[.:]|^localhost$/.test(first) ? rest : [first, ...rest]
  return path.join('/').replace(/:[^:/]*$/, '')
}
const isExporter = (each: Container) => EXPORTER.test(each.name) || EXPORTER.test(repositoryOf(each))
const runs = ({ entryPoint = [], command = [] }: Container) => [...entryPoint, ...command].join(' ')

/** By image or command, or where none has these by name: an app's own image may lie in `nginx-app`. */
function nginxesOf(containers: readonly Container[]): readonly Container[] {
  const all = containers.filter(each => !isExporter(each))
  const strongly = all.filter(
    each => NGINX.test(repositoryOf(each).split('/').at(-1) ?? '') || NGINX.test(runs(each)),
  )
  if (strongly.length > 0) return strongly
  return all.filter(each => NGINX.test(each.name) || NGINX.test(repositoryOf(each)))
}

const listed = (containers: readonly Container[]) =>
  containers.map(({ name, image }) => `${name} (${image})`).join(', ')

/** Which container is Nginx, and which the app; a question in `notes` where that cannot be told. */
export function findRoles(task: Task, named: Named, notes: Notes): Roles | undefined {
  const texts = notes.texts.roles
  const all = task.containerDefinitions
  for (const name of [named.nginxContainer, named.appContainer, ...named.drop])
    if (name !== undefined && !all.some(each => each.name === name))
      throw new Error(texts.noContainer(name, all.map(each => each.name).join(', ')))
  const left = all.filter(({ name }) => !named.drop.includes(name))
  const nginxes =
    named.nginxContainer === undefined
      ? nginxesOf(left.filter(({ name }) => name !== named.appContainer))
      : left.filter(({ name }) => name === named.nginxContainer)
  const [nginx] = nginxes
  if (!nginx || nginxes.length > 1) {
    const which = nginx ? texts.severalNginx(listed(nginxes)) : texts.noNginx(listed(left))
    notes.ask(which, '--nginx-container NAME')
    return undefined
  }
  const others = left.filter(each => each !== nginx)
  const fitting = others.filter(each => !each.firelensConfiguration && !isSidecar(each))
  const essential = fitting.filter(each => each.essential !== false)
  const apps =
    named.appContainer === undefined
      ? essential.length > 0
        ? essential
        : fitting
      : others.filter(({ name }) => name === named.appContainer)
  const [app] = apps
  if (!app || apps.length > 1) {
    const which = app ? texts.severalApps(listed(apps)) : texts.noApp(nginx.name, listed(others))
    notes.ask(which, '--app-container NAME')
    return undefined
  }
  for (const each of others.filter(
    other => other !== app && isExporter(other) && /nginx/i.test(`${other.name} ${other.image}`),
  ))
    notes.ask(texts.exporter(each.name), `--drop ${each.name}`)
  return { nginx, app }
}

const isSidecar = (each: Container) => SIDECAR.test(each.name) || SIDECAR.test(repositoryOf(each))

import type { Conversion } from './roles.ts'
import type { Container, Task } from './task.ts'

/** `app:alias` → `app` */
const linkTo = (link: string) => link.split(':')[0] ?? ''

/**
 * What the other containers say of those that go. What meant Nginx means the app's container now, which is the front; where that cannot
 * be, it is dropped.
 */
export const rewire = (container: Container, conversion: Conversion) => ({
  dependsOn: dependsOn(container, conversion),
  links: links(container, conversion),
  volumesFrom: volumesFrom(container, conversion),
})

function dependsOn({ name, dependsOn }: Container, conversion: Conversion) {
  const { task, nginx, app, gone, notes } = conversion
  const isGone = (each: string) => gone.some(other => other.name === each)
  const kept = (dependsOn ?? []).filter(each => !isGone(each.containerName))
  for (const { containerName, condition } of dependsOn?.filter(each => isGone(each.containerName)) ?? []) {
    const isPossible =
      containerName === nginx.name &&
      name !== app.name &&
      ['START', 'HEALTHY'].includes(condition) &&
      !leadsTo(app.name, name, task)
    const isThere = kept.some(each => each.containerName === app.name)
    if (isPossible && !isThere) kept.push({ containerName: app.name, condition })
    notes.changed(
      notes.texts.others.depended(name, containerName, condition, isPossible ? app.name : undefined),
    )
  }
  if (name === app.name) kept.push(...inherited(kept, conversion))
  return dependsOn || kept.length > 0 ? kept : undefined
}

/** What Nginx waited for, an API in the same task above all, the front has to wait for: visitors come as soon as it is healthy. */
function inherited(own: NonNullable<Container['dependsOn']>, { task, nginx, app, gone, notes }: Conversion) {
  const known = [app, ...gone].map(({ name }) => name).concat(own.map(each => each.containerName))
  return (nginx.dependsOn ?? []).filter(({ containerName, condition }) => {
    if (known.includes(containerName)) return false
    const isPossible = !leadsTo(containerName, app.name, task)
    if (isPossible) notes.changed(notes.texts.others.waits(app.name, containerName, condition, nginx.name))
    else notes.changed(notes.texts.others.depended(nginx.name, containerName, condition, undefined))
    return isPossible
  })
}

/** Whether a container waits for another one, by however many steps; a circle cannot be registered. */
function leadsTo(from: string, to: string, task: Task, seen: readonly string[] = []): boolean {
  const next = task.containerDefinitions.find(({ name }) => name === from)?.dependsOn ?? []
  return next.some(
    ({ containerName }) =>
      containerName === to ||
      (!seen.includes(containerName) && leadsTo(containerName, to, task, [...seen, containerName])),
  )
}

function links({ name, links }: Container, conversion: Conversion) {
  const { nginx, app, gone, notes } = conversion
  if (name === app.name) return linksOfApp(links, conversion)
  return links?.flatMap(link => {
    const target = linkTo(link)
    if (!gone.some(each => each.name === target)) return [link]
    const alias = link.split(':')[1] ?? target
    if (target !== nginx.name || app.links?.some(each => linkTo(each) === name)) {
      notes.look(notes.texts.others.unlinked(name, target))
      return []
    }
    notes.changed(notes.texts.others.linked(name, link, alias, app.name))
    return [`${app.name}:${alias}`]
  })
}

/** What Nginx reached by a link, the app's container has to reach now. */
function linksOfApp(own: readonly string[] = [], { nginx, app, gone, notes }: Conversion) {
  const isGone = (link: string) => gone.some(({ name }) => name === linkTo(link))
  for (const link of own.filter(isGone)) notes.changed(notes.texts.others.unlinked(app.name, linkTo(link)))
  const kept = own.filter(link => !isGone(link))
  const more = (nginx.links ?? []).filter(
    link => linkTo(link) !== app.name && !isGone(link) && !kept.some(each => linkTo(each) === linkTo(link)),
  )
  if (more.length > 0) notes.changed(notes.texts.others.linksOfNginx(nginx.name, more.join(', '), app.name))
  const all = [...kept, ...more]
  return all.length === 0 ? undefined : all
}

function volumesFrom({ name, volumesFrom }: Container, { gone, notes }: Conversion) {
  if (!volumesFrom) return undefined
  const isGone = ({ sourceContainer }: { sourceContainer?: string | undefined }) =>
    gone.some(each => each.name === sourceContainer)
  for (const { sourceContainer } of volumesFrom.filter(isGone))
    notes.look(notes.texts.others.volumesFrom(name, String(sourceContainer)))
  return volumesFrom.filter(each => !isGone(each))
}

/** A mesh's proxy takes over the app's ports by number. */
export function proxyOf(
  { task: { proxyConfiguration }, notes }: Conversion,
  before: readonly number[],
  front: number,
): Task['proxyConfiguration'] {
  const properties = proxyConfiguration?.properties?.map(each => {
    if (each.name !== 'AppPorts') return each
    const value = [
      ...new Set(each.value.split(',').map(port => (before.includes(Number(port)) ? String(front) : port))),
    ].join(',')
    if (value !== each.value) notes.changed(notes.texts.others.appPorts(value, each.value))
    return { ...each, value }
  })
  return properties ? { ...proxyConfiguration, properties } : proxyConfiguration
}

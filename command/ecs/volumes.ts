import { mountIn } from './container.ts'
import type { Notes } from './notes.ts'
import type { Roles } from './roles.ts'
import type { Container, Task } from './task.ts'

type Mounts = NonNullable<Container['mountPoints']>
type Volumes = NonNullable<Task['volumes']>

const uses = (volume: string) => (container: Container) =>
  container.mountPoints?.some(({ sourceVolume }) => sourceVolume === volume) ?? false

/**
 * The app's mounts and the task's volumes: what only Nginx used goes, and what would hide the files of the image.
 * @param writable paths that get a volume each, which ends with the task
 */
export function volumesOf(
  task: Task,
  { nginx, app }: Roles,
  gone: readonly Container[],
  writable: readonly string[],
  notes: Notes,
): { mountPoints: Mounts | undefined; volumes: Volumes | undefined } {
  const staying = task.containerDefinitions.filter(each => !gone.includes(each))
  const others = staying.filter(each => each !== app)
  const mountPoints: Mounts = (app.mountPoints ?? []).flatMap(mount => {
    const { sourceVolume = '', containerPath = '' } = mount
    const shared = uses(sourceVolume)(nginx)
    const place = mountIn(containerPath)
    if (place === undefined && shared && !others.some(uses(sourceVolume))) {
      notes.changed(
        `The volume ${sourceVolume} at ${containerPath} is gone: it handed files to ${nginx.name}, and the front serves the image's own.`,
      )
      return []
    }
    if (place === undefined)
      notes.confirm(
        'mounts',
        `The volume ${sourceVolume} at ${containerPath} may hide what the new image has there, or be nowhere: the app is in /app, its files in /app/.next. Change containerPath in the file, or take it out.`,
      )
    else if (place !== containerPath)
      notes.changed(
        `The volume ${sourceVolume} is at ${place}, and was at ${containerPath}: Next's cache is there in the new image.`,
      )
    else if (shared)
      notes.look(
        `${app.name} and ${nginx.name} shared the volume ${sourceVolume} (${containerPath}): where it only handed files to ${nginx.name}, take it out.`,
      )
    return [{ ...mount, containerPath: place ?? containerPath }]
  })

  const remaining = [...others, { ...app, mountPoints }]
  const volumes = (task.volumes ?? []).filter(({ name }) => {
    const isUsed = remaining.some(uses(name))
    const wasUsed = gone.some(uses(name)) || uses(name)(app)
    if (!isUsed && wasUsed) notes.changed(`The volume ${name} is gone: nothing else used it.`)
    for (const other of isUsed ? others.filter(uses(name)) : [])
      if (uses(name)(nginx))
        notes.look(
          `${other.name} shared the volume ${name} with ${nginx.name}, which writes and reads there no more.`,
        )
    return isUsed || !wasUsed
  })
  for (const [index, containerPath] of writable.entries()) {
    const name = `writable${index + 1}`
    volumes.push({ name })
    mountPoints.push({ sourceVolume: name, containerPath, readOnly: false })
    notes.changed(
      `${containerPath} is a volume that ends with the task; the Dockerfile has to name it, too (docs/ecs.md#what-can-be-written).`,
    )
  }
  const given = <T>(list: T[], before: T[] | undefined) => (list.length > 0 || before ? list : undefined)
  return { mountPoints: given(mountPoints, app.mountPoints), volumes: given(volumes, task.volumes) }
}

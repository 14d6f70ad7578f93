import { mountIn } from './container.ts'
import type { Conversion } from './roles.ts'
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
  { task, nginx, app, gone, notes }: Conversion,
  writable: readonly string[],
): { mountPoints: Mounts | undefined; volumes: Volumes | undefined } {
  const texts = notes.texts.volumes
  const staying = task.containerDefinitions.filter(each => !gone.includes(each))
  const others = staying.filter(each => each !== app)
  const mountPoints: Mounts = (app.mountPoints ?? []).flatMap(mount => {
    const { sourceVolume = '', containerPath = '' } = mount
    const shared = uses(sourceVolume)(nginx)
    const place = mountIn(containerPath)
    if (place === undefined && shared && !others.some(uses(sourceVolume))) {
      notes.changed(texts.handed(sourceVolume, containerPath, nginx.name))
      return []
    }
    if (place === undefined) notes.confirm('mounts', texts.hides(sourceVolume, containerPath))
    else if (place !== containerPath) notes.changed(texts.cache(sourceVolume, place, containerPath))
    else if (shared) notes.look(texts.shared(app.name, nginx.name, sourceVolume, containerPath))
    return [{ ...mount, containerPath: place ?? containerPath }]
  })

  const remaining = [...others, { ...app, mountPoints }]
  const volumes = (task.volumes ?? []).filter(({ name }) => {
    const isUsed = remaining.some(uses(name))
    const wasUsed = gone.some(uses(name)) || uses(name)(app)
    if (!isUsed && wasUsed) notes.changed(texts.gone(name))
    for (const other of isUsed ? others.filter(uses(name)) : [])
      if (uses(name)(nginx)) notes.look(texts.sharedByOther(other.name, name, nginx.name))
    return isUsed || !wasUsed
  })
  for (const [index, containerPath] of writable.entries()) {
    const name = `writable${index + 1}`
    volumes.push({ name })
    mountPoints.push({ sourceVolume: name, containerPath, readOnly: false })
    notes.changed(texts.writable(containerPath))
  }
  const given = <T>(list: T[], before: T[] | undefined) => (list.length > 0 || before ? list : undefined)
  return { mountPoints: given(mountPoints, app.mountPoints), volumes: given(volumes, task.volumes) }
}

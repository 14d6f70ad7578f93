import type { Conversion } from './roles.ts'
import { memoryOf } from './task.ts'

type Sizes = {
  readonly cpu?: number | undefined
  readonly memory?: number | undefined
  readonly memoryReservation?: number | undefined
}

/** The app's container gets Nginx's share of what is said for containers. The sizes of the task stay. */
export function sizesOf(conversion: Conversion): Sizes {
  const { app, gone, notes } = conversion
  const sum = (name: keyof Sizes) => {
    const own = app[name]
    const more = gone.reduce((total, each) => total + (each[name] ?? 0), 0)
    if (!own || more === 0) return own
    notes.changed(notes.texts.sizes.more(name, app.name, own + more, own, more))
    return own + more
  }
  const memoryReservation = sum('memoryReservation')
  const memory = sum('memory') ?? restOf(conversion)
  return { cpu: sum('cpu'), memory, memoryReservation }
}

/** The front finds its limit in the container alone, and PAGE_MEMORY follows from it: what the task has and no other container. */
function restOf({ task, app, gone, notes }: Conversion): number | undefined {
  const whole = memoryOf(task)
  const others = task.containerDefinitions.filter(each => each !== app && !gone.includes(each))
  const shares = others.map(each => each.memory ?? each.memoryReservation)
  if (whole === undefined) return undefined
  const rest = shares.reduce<number>((left, share) => left - (share ?? whole), whole)
  if (rest >= Math.max(app.memoryReservation ?? 0, 256)) {
    notes.changed(notes.texts.sizes.rest(app.name, rest, others.length > 0))
    return rest
  }
  notes.look(notes.texts.sizes.noLimit(app.name))
  return undefined
}

import { totalmem } from 'node:os'
import { UNITS } from './kinds.ts'

/** What is `auto` in the settings: parts of the memory that the task has. All figures are in bytes. */

/** What this process may have together with those that it starts: a container's limit, or the machine's. */
export const availableMemory = () =>
  Math.min(process.constrainedMemory() || Number.POSITIVE_INFINITY, totalmem())

const between = (least: number, value: number, most: number) => Math.min(Math.max(value, least), most)
const wholeMegabytes = (bytes: number) => Math.floor(bytes / UNITS.mb) * UNITS.mb

/** A request that waits for a silent backend over TLS holds so much, its connection included (measured: 138 KB). */
const REQUEST_BYTES = 160 * UNITS.kb

/** MAX_BACKEND_REQUESTS: as many requests as an eighth of the memory holds. */
export const fittingRequests = (memory = availableMemory()): number =>
  between(256, Math.floor(memory / 8 / REQUEST_BYTES), 8192)

/** BODY_MEMORY: a sixteenth of the memory. */
export const fittingBodies = (memory = availableMemory()): number =>
  between(8 * UNITS.mb, wholeMegabytes(memory / 16), 512 * UNITS.mb)

/** What Node gives a heap at most without the setting, so that `next start` has no more. */
const MOST_OF_A_WORKER = 4 * UNITS.gb

/**
 * PAGE_MEMORY: half of the memory is shared among the page workers. The other half is for the front (60-100 MB) and for the worker that
 * starts before another leaves (some 90 MB).
 */
export const fittingMemory = (workers: number, memory = availableMemory()): number =>
  between(128 * UNITS.mb, wholeMegabytes(memory / 2 / Math.max(workers, 1)), MOST_OF_A_WORKER)

const HEAP = /--max[-_]old[-_]space[-_]size([-_]percentage)?[= ]+"?([\d.]+)/g
/** What a process holds besides its heap: buffers, code, stacks. */
const BESIDES = 256 * UNITS.mb

/** What Node was told by NODE_OPTIONS and by arguments of its own: as under `next start`, it counts for the pages. */
export const nodeOptions = () => [process.env.NODE_OPTIONS, ...process.execArgv].join(' ')

/** Where options of Node say how large a heap may get. */
export function heapOf(options = '', memory = availableMemory()): number | undefined {
  const [, percentage, figure] = [...options.matchAll(HEAP)].at(-1) ?? []
  if (figure === undefined) return undefined
  return percentage === undefined ? Number(figure) * UNITS.mb : (Number(figure) / 100) * memory
}

/** PAGE_MEMORY where options of Node may have a heap of their own. */
export function memoryFor(workers: number, options: string): number {
  const heap = heapOf(options)
  return heap === undefined ? fittingMemory(workers) : heap + BESIDES
}

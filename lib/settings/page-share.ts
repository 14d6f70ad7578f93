import { totalmem } from 'node:os'
import { UNITS } from './kinds.ts'

/** What Node gives a heap at most without the setting, so that `next start` has no more. */
const MOST = 4 * UNITS.gb
const LEAST = 128 * UNITS.mb

/** Bytes that this process may have together with those that it starts: a container's limit, or the machine's. */
export const availableMemory = () =>
  Math.min(process.constrainedMemory() || Number.POSITIVE_INFINITY, totalmem())

/**
 * What a page worker may hold without the setting, in bytes: half of the memory is shared among them, whole megabytes
 * each. The other half is for the front (60-100 MB) and for the one that starts before another leaves (some 90 MB).
 */
export function fittingMemory(workers: number, memory = availableMemory()): number {
  const share = Math.floor(memory / 2 / Math.max(workers, 1) / UNITS.mb) * UNITS.mb
  return Math.min(Math.max(share, LEAST), MOST)
}

const HEAP = /--max[-_]old[-_]space[-_]size([-_]percentage)?="?([\d.]+)/g
/** What a process holds besides its heap: buffers, code, stacks. */
const BESIDES = 256 * UNITS.mb

/** Where NODE_OPTIONS says how large a heap may get, in bytes: as under `next start`, that counts in a page worker. */
export function heapOf(nodeOptions = '', memory = availableMemory()): number | undefined {
  const [, percentage, figure] = [...nodeOptions.matchAll(HEAP)].at(-1) ?? []
  if (figure === undefined) return undefined
  return percentage === undefined ? Number(figure) * UNITS.mb : (Number(figure) / 100) * memory
}

/** What a page worker may hold without the setting, except for the heap of NODE_OPTIONS. */
export function memoryFor(workers: number, nodeOptions: string | undefined): number {
  const heap = heapOf(nodeOptions)
  return heap === undefined ? fittingMemory(workers) : heap + BESIDES
}

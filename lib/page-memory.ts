import { availableParallelism, totalmem } from 'node:os'
import { UNITS } from './setting.ts'

const MOST = 512 * UNITS.mb
export const LEAST_PAGE_MEMORY = 128 * UNITS.mb

/** Bytes that this process may have together with those that it starts: a container's limit, or the machine's. */
const available = () => Math.min(process.constrainedMemory() || Number.POSITIVE_INFINITY, totalmem())

/** A page worker, its share of the front and room for the one that takes its place. */
const FOR_A_WORKER = 512 * UNITS.mb

/** How many page workers there are where nobody says it: one a core, as far as the memory goes. */
export function fittingWorkers(memory = available(), cores = availableParallelism()): number {
  return Math.min(cores, Math.max(Math.floor(memory / FOR_A_WORKER), 1))
}

/**
 * What a page worker may hold where nobody says it, in bytes: half of the memory is shared among them, whole megabytes
 * each. The other half is for the front (60-100 MB) and for the one that starts before another leaves (some 90 MB).
 */
export function fittingMemory(workers: number, memory = available()): number {
  const share = Math.floor(memory / 2 / Math.max(workers, 1) / UNITS.mb) * UNITS.mb
  return Math.min(Math.max(share, LEAST_PAGE_MEMORY), MOST)
}

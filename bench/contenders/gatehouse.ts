import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { COMPILE_CACHE } from '../site.ts'
import { nodeProgram } from './contender.ts'

/** Free ports for those that nobody measures. */
export const LISTENERS = { ADMIN_PORT: '0', EGRESS_PORT: '0' }

/** Gatehouse as `npm start` runs it, all settings at their defaults but these. */
export const gatehouse = (name: string, settings: Readonly<Record<string, string>> = {}) =>
  nodeProgram(
    name,
    () => ['server.ts'],
    () => ({ ...LISTENERS, ...settings }),
  )

export const gatehouseDefault = gatehouse('Gatehouse')
export const gatehouseUnasked = gatehouse('Gatehouse, REPLAY=off', { REPLAY: 'off' })
export const gatehouseMute = gatehouse('Gatehouse, no log', { LOG_LEVEL: 'silent' })
export const gatehouseInProcess = gatehouse('Gatehouse, 0 workers', { PAGE_WORKERS: '0' })
/** For an app with a cache handler of its own; the pages of the bench have nothing in a cache that could differ. */
export const gatehouseWorkerACore = gatehouse('Gatehouse, a worker a core', {
  PAGE_WORKERS: String(availableParallelism()),
})

/** The files of the image. */
export const gatehouseImage = nodeProgram(
  'Gatehouse, the image',
  () => ['dist/front.mjs'],
  ({ site }) => ({ ...LISTENERS, NODE_COMPILE_CACHE: join(site, COMPILE_CACHE) }),
)
export const gatehouseUncached = nodeProgram(
  'Gatehouse, the image without its compile cache',
  () => ['dist/front.mjs'],
  () => LISTENERS,
)

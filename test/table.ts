import assert from 'node:assert/strict'
import { GatewayError } from '../lib/http/errors.ts'
import { createTable, type Found } from '../lib/routes/table.ts'
import type { GatehouseConfig } from '../lib/settings/gatehouse-config.ts'
import { shownPlace } from '../lib/settings/routes.ts'
import { readConfig } from '../lib/settings/settings.ts'

/** The route table of a file. */
export const tableOf = (content: GatehouseConfig, env: Record<string, string> = {}) =>
  createTable(readConfig(env, { name: 'gatehouse.config.ts', content }).routes)

/** `pages`, `400`, or the route's path and what the API gets. */
export function outcome(find: (target: string) => Found | undefined, target: string): string {
  try {
    const found = find(target)
    return found ? `${shownPlace(found.route)} ${found.target}` : 'pages'
  } catch (error) {
    assert.ok(error instanceof GatewayError)
    return error.code
  }
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NEXT, read } from './nginx.ts'

/** The lines of each route that is printed, `path: '/api', to: 'https://api.dev.jp'`. */
export const routesIn = (config = '') =>
  [...config.matchAll(/^ {4}\{\n(.*?)^ {4}\},\n/gms)].map(([, lines = '']) =>
    lines
      .split('\n')
      .map(line => line.trim().replace(/,$/, ''))
      .filter(line => line !== '' && line !== 'upgrade: false')
      .join(', '),
  )

/** A test for each: these locations beside the pages' become these routes. */
export function testTaken(rows: readonly (readonly [locations: string, routes: readonly string[]])[]) {
  for (const [locations, routes] of rows) {
    test(`${locations} becomes ${routes.join(' and ')}`, async () => {
      const { config, missing } = await read(`server { ${NEXT} ${locations} }`)
      assert.deepEqual([routesIn(config), missing], [routes, []])
    })
  }
}

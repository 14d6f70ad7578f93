import { inOrder, type Route } from '../settings/routes.ts'
import { isRoutesOwn, mayHave } from './path.ts'
import { mergeSlashes } from './readings.ts'
import type { Found } from './table.ts'

/**
 * Which route a page's own call to an origin belongs to: it asks by the API's paths, and gets what the route there has, its headers and
 * times. Nothing is refused, for a page is the app's own code.
 * @param rest for what no route has
 */
export function createTableAtOrigin(routes: readonly Route[], rest: Route): (target: string) => Found {
  const there = routes
    .map(route => ({
      ...route,
      path: route.base,
      except: [],
      host: route.host === 'client' ? 'backend' : route.host,
      responseHeaders: [],
    }))
    .sort(inOrder)
  return target => {
    const path = mergeSlashes(target.split('?', 1)[0] ?? '')
    const route = there.find(each => mayHave(each, each.kind, path)) ?? rest
    return { route, target, itself: isRoutesOwn(route, path) }
  }
}

/** A route for all of an origin, with the settings' own values. */
export const wholeOf = (origin: URL, timeout: number, maxBody: number): Route => ({
  path: '',
  exact: false,
  except: [],
  kind: 'api',
  origin,
  base: '',
  host: 'backend',
  headers: [],
  responseHeaders: [],
  timeout,
  maxBody,
  upgrade: false,
  checksSite: false,
})

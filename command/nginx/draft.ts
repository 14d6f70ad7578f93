import { inOrder } from '../../lib/settings/routes.ts'
import type { Location } from './locations.ts'
import type { Directive } from './parse.ts'

/** A value of a header: as it stands in the file, or in an environment variable where it may be secret. */
export type HeaderValue = { readonly text: string; readonly variable?: string }

/** A value that a directive gave. */
export type Given = { readonly text: string; readonly size: number; readonly directive: Directive }

/** What all paths of a location have. */
export type RouteValues = {
  readonly host: string | undefined
  readonly serverName: string | undefined
  readonly headers: ReadonlyMap<string, HeaderValue>
  readonly responseHeaders: ReadonlyMap<string, HeaderValue>
  readonly timeout: Given | undefined
  readonly maxBody: Given | undefined
  readonly upgrade: boolean
}

/** A route of gatehouse.config.ts. */
export type Draft = {
  readonly location: Location
  /** without a slash at the end, empty for `/`; that of `location = /path` as it is */
  readonly path: string
  readonly exact: boolean
  readonly base: string
  readonly origin: string
  readonly isLogin: boolean
  readonly values: RouteValues
  readonly except: string[]
  /** the path itself is none of the route's */
  onlyBelow?: boolean
}

/** What a login is called; it gets the protection of logins. */
export const isLoginPath = (path: string) => /\/(log-?in|sign-?in|log-?on)\/?$/i.test(path)

export const isBelow = (path: string, other: string) => path.startsWith(`${other}/`)

/** Whether a path is an exception of a route, or below one. */
export const isLeftOut = (path: string, { except }: Draft) =>
  except.some(each => each === path || isBelow(path, each))

/** The route around a path, the longest where there are several. */
export const routeAround = (path: string, drafts: readonly Draft[]): Draft | undefined =>
  drafts.filter(each => !each.exact && isBelow(path, each.path)).toSorted(inOrder)[0]

/** All that makes routes differ, but where they are. */
const sameValues = ({ values: { timeout, maxBody, ...values }, isLogin }: Draft) =>
  JSON.stringify([isLogin, values, timeout?.size, maxBody?.size], (_, value) =>
    value instanceof Map ? [...value] : value,
  )

/** Whether a route says nothing that the one around it does not say of this path. */
export function isCovered(draft: Draft, drafts: readonly Draft[]): boolean {
  const same = draft.exact ? drafts.find(each => !each.exact && each.path === draft.path) : undefined
  const around = same ?? routeAround(draft.path, drafts)
  return (
    around !== undefined &&
    !isLeftOut(draft.path, around) &&
    around.origin === draft.origin &&
    around.base + draft.path.slice(around.path.length) === draft.base &&
    sameValues(around) === sameValues(draft)
  )
}

/** Whether two routes of one path are the same. */
export const isSame = (one: Draft, other: Draft) =>
  one.origin === other.origin && one.base === other.base && sameValues(one) === sameValues(other)

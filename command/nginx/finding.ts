import type { Texts } from './english.ts'
import { type Location, shown } from './locations.ts'
import type { Directive } from './parse.ts'
import type { Kind } from './remarks.ts'
import { placeOf } from './scope.ts'

/** What a directive becomes, or what can take its place where Gatehouse's environment cannot. */
export type Becomes =
  | { readonly in: 'environment'; readonly name: string; readonly value: string }
  /** a field of a route in gatehouse.config.ts, without the value of a header */
  | { readonly in: 'route'; readonly path: string; readonly field: string; readonly value: string }
  /** `headers()` of next.config */
  | { readonly in: 'headers'; readonly source: string; readonly key: string; readonly value: string }
  /** `redirects()` of next.config */
  | {
      readonly in: 'redirects'
      readonly source: string
      readonly destination: string
      readonly statusCode: number
    }
  /** `rewrites()` of next.config */
  | { readonly in: 'rewrites'; readonly source: string; readonly destination: string }
  /** a rule of the public ALB's listener, as text */
  | { readonly in: 'listener rule'; readonly rule: string }

export const listenerRule = (rule: string): Becomes => ({ in: 'listener rule', rule })

/** One thing that was found; `set` where it became a setting. */
export type Finding = {
  readonly kind: Kind | 'set'
  /** file:line */
  readonly at: string
  /** the directive, without a value that may be secret */
  readonly what: string
  readonly remark: string
  readonly becomes?: Becomes
}

/** Says what becomes of one thing. */
type Say = (kind: Kind, remark: string, becomes?: Becomes) => void

/** Collects settings and findings, in one language. */
export type Notes = {
  readonly texts: Texts
  readonly env: Map<string, string>
  readonly findings: Finding[]
  note(kind: Kind, directive: Directive, remark: string, what?: string, becomes?: Becomes): void
  /** the same of one directive; `what` is how it is called */
  about(directive: Directive, what?: string): Say
  /** and of a location */
  at(location: Location): Say
  /** @param value as the environment has it */
  set(name: string, value: string, directive: Directive): void
  /** @param value as the route has it; of a header its name alone */
  route(path: string, field: string, value: string, directive: Directive): void
  /** whether something was said of a directive */
  has(directive: Directive): boolean
}

/** Whether Gatehouse behaves as Nginx did in all that was found. */
export const isWhole = (findings: readonly Finding[]) =>
  findings.every(({ kind }) => kind !== 'lost' && kind !== 'guarded')

export function createNotes(texts: Texts): Notes {
  const env = new Map<string, string>()
  const findings: Finding[] = []
  const seen = new Set<Directive>()
  const about: Notes['about'] =
    (directive, what = directive.name) =>
    (kind, remark, becomes) => {
      seen.add(directive)
      findings.push({ kind, at: placeOf(directive), what, remark, ...(becomes && { becomes }) })
    }
  function taken(directive: Directive, becomes: Becomes, remark: string) {
    seen.add(directive)
    findings.push({ kind: 'set', at: placeOf(directive), what: directive.name, remark, becomes })
  }
  return {
    texts,
    env,
    findings,
    has: directive => seen.has(directive),
    about,
    at: location => about(location.directive, shown(location)),
    note: (kind, directive, remark, what, becomes) => about(directive, what)(kind, remark, becomes),
    route: (path, field, value, directive) =>
      taken(
        directive,
        { in: 'route', path: path || '/', field, value },
        texts.report.route(path || '/', field, value),
      ),
    set(name, value, directive) {
      env.set(name, value)
      taken(directive, { in: 'environment', name, value }, `${name}=${value}`)
    },
  }
}

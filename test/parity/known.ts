import type { Request } from './requests.ts'

type Known = {
  readonly reason: string
  readonly line: RegExp
  readonly path?: RegExp
  readonly header?: RegExp
}

/** What is not as under `next start`, on purpose; each reason is a row of docs/parity.md. */
export const KNOWN: readonly Known[] = []

/** Why an answer differs in this line; undefined where nobody knows. */
export const reasonFor = ({ path, headers }: Request, line: string): string | undefined =>
  KNOWN.find(
    each =>
      each.line.test(line) &&
      (each.path?.test(path) ?? true) &&
      (each.header === undefined || headers.some(one => each.header?.test(one))),
  )?.reason

import type { z } from 'zod'
import { combinationMistakes } from './settings/combinations.ts'
import { HIDDEN } from './settings/parts.ts'
import { Parts } from './settings/schema.ts'

const Shape = Parts.superRefine((settings, context) => {
  for (const { path, accepts } of combinationMistakes(settings))
    context.addIssue({ code: 'custom', path: [...path], message: accepts })
})

export type Settings = Readonly<z.output<typeof Shape>>

/** Stops the synthesis; `message` lists every mistake, a line each. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError'
}

/**
 * Reads a settings file.
 * @param file what to call it
 * @throws SettingsError with all mistakes: name, value seen, what is accepted
 */
export function readSettings(json: string, file: string): Settings {
  const given = parseJson(json, file)
  const { success, data, error } = Shape.safeParse(given)
  if (success) return data
  const mistakes = error.issues.flatMap(issue => {
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map(key => `${[...issue.path, key].join('.')} is not a setting`)
    if (issue.code === 'invalid_key')
      return `${issue.path.join('.')} is no name; accepted: letters, digits and _`
    const isHidden = issue.path[0] === 'environment' && HIDDEN.includes(issue.path.at(-1))
    const value = isHidden ? '…' : valueAt(given, issue.path)
    return `${issue.path.join('.')} is ${describeValue(value)}; accepted: ${issue.message}`
  })
  const count = mistakes.length === 1 ? '1 mistake' : `${mistakes.length} mistakes`
  throw new SettingsError(`${file}: ${count}\n${mistakes.map(each => `  ${each}`).join('\n')}`)
}

/** What may be a password stays in the file. */
const describeValue = (value: unknown) =>
  value === undefined ? 'not set' : JSON.stringify(value).replace(/:[^"]*@/g, ':…@')

function parseJson(json: string, file: string): unknown {
  try {
    return JSON.parse(json)
  } catch (error) {
    throw new SettingsError(`${file} is not JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const valueAt = (given: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    given,
  )

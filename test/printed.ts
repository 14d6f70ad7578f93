import { mock } from 'node:test'

/** Calls what prints before it returns, and takes what it prints; nothing of the test runner's comes between. */
export function printed<T>(run: () => T): {
  readonly result: T
  readonly stdout: string
  readonly stderr: string
} {
  const texts = { stdout: '', stderr: '' }
  const taken = (['stdout', 'stderr'] as const).map(name =>
    mock.method(process[name], 'write', (text: string) => {
      texts[name] += text
      return true
    }),
  )
  try {
    return { result: run(), ...texts }
  } finally {
    for (const each of taken) each.mock.restore()
  }
}

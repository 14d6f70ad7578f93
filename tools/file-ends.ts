import type { run } from 'node:test'

/** So many of the last lines that a file's process wrote to stderr are told. */
const LAST_LINES = 20

/**
 * Why the process of a file, or of a group, failed though no test of it did: an error after the end of a test, a signal, an exit. Node's
 * reporter says no more of it than `test failed`.
 * @returns what to say, once all tests are over
 */
export function watchEnds(tests: ReturnType<typeof run>): () => string[] {
  /** what each process said that no test has, and the test that it began last */
  const ends = new Map<string, { lines: string[]; last: string }>()
  const failed: string[] = []
  const endOf = (file: string) => {
    const end = ends.get(file) ?? { lines: [], last: 'none that was told of' }
    ends.set(file, end)
    return end
  }
  const note = (file: string | undefined, text: string) => {
    const { lines } = endOf(file ?? '')
    lines.push(text.trimEnd())
    lines.splice(0, lines.length - LAST_LINES)
  }
  tests.on('test:dequeue', ({ entryFile, file, line, name }) => {
    if (entryFile !== undefined) endOf(entryFile).last = `${name} (${file}:${line})`
  })
  tests.on('test:stderr', ({ file, message }) => note(file, message))
  tests.on('test:diagnostic', ({ entryFile, message }) => {
    if (message.startsWith('Error: ')) note(entryFile, message)
  })
  tests.on('test:fail', ({ name, details: { error } }) => {
    if (!('exitCode' in error && 'signal' in error)) return
    const how = error.signal === null ? `with exit code ${error.exitCode}` : `by ${error.signal}`
    const { lines, last } = endOf(name)
    failed.push([`✖ ${name} ended ${how}; the last test that began: ${last}`, ...lines].join('\n  '))
  })
  return () => failed
}

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { globSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join, matchesGlob, relative, resolve as resolvePath } from 'node:path'
import { text } from 'node:stream/consumers'
import { type RunOptions, run } from 'node:test'
import { spec } from 'node:test/reporters'
import { z } from 'zod'
import { watchEnds } from './file-ends.ts'
import { together } from './together.ts'

/**
 * `npm test`: the checks, the tests beside the files, the tests in a browser; one closing line for all.
 * `npm test -- FILE…` runs the tests of those files alone.
 */
type Result = { passed: number; failed: number }

// Commands speak the language of the environment; the tests read English.
process.env.LC_ALL = 'C.UTF-8'
// Test processes and what they start are compiled once for all of them: a fifth of the CPU of tests that run commands.
process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), 'gatehouse-compile-cache')

/** For each group of files, ms. On a quiet machine with two cores the longest takes some 8 minutes. */
const LIMIT_MS = 40 * 60_000

const say = (words: string) => process.stdout.write(`${words}\n`)

async function check(words: string, file: string, ...args: string[]): Promise<Result> {
  const child = spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const output = Promise.all([text(child.stdout), text(child.stderr)])
  const [status] = await once(child, 'close')
  if (status !== 0) say((await output).join(''))
  say(`${status === 0 ? '✔' : '✖'} ${words}`)
  return { passed: Number(status === 0), failed: Number(status !== 0) }
}

/** At once, for each keeps one core busy; but the compiler reads what `next typegen` writes. */
async function checks(): Promise<Result[]> {
  const tsc = 'node_modules/typescript/bin/tsc'
  const typegen = check('next: types of the routes', 'node_modules/next/dist/bin/next', 'typegen')
  return Promise.all([
    check('biome: format, lint, import directions', 'node_modules/@biomejs/biome/bin/biome', 'check', '.'),
    typegen,
    typegen.then(() => check('tsc: types', tsc)),
    check('tsc: types of deploy/', tsc, '-p', 'deploy'),
    check('knip: nothing unused', 'node_modules/knip/bin/knip.js'),
  ])
}

const UNIT = [
  '{lib,command,testing,app,test,tools,bench,deploy/observability}/**/*.test.ts',
  // whether deploy/ fits the front
  'deploy/*.test.ts',
]

/** Put the machine under load and hold answers against a bound: another file beside them is load that they don't know. */
const UNDER_LOAD = [
  'test/{backends,siege,rolling,faults,fuzz,versus}/*.test.ts',
  'lib/pages/workers/{dispatch,pool}.test.ts',
  'lib/front/egress-neighbours.test.ts',
]

/** Each takes minutes: the last one to begin would run alone in the end. */
const LONG = [
  'test/image/image.test.ts',
  'test/adopt/adopt.test.ts',
  'test/nginx-parity/nginx-parity.test.ts',
]
const longFirst = (file: string) => (LONG.includes(relative('.', file)) ? 0 : 1)

/** Those of the CDK app, a package of its own. */
const DEPLOYMENT = 'deploy/{bin,lib}/**/*.test.ts'
const WHOLE_DEPLOYMENT = ['deploy/bin/*.test.ts', 'deploy/test/all.ts']

/** The tests beside the files: those under load one at a time, the others together, those of the CDK app beside them. */
async function unit(
  files: readonly string[] = globSync(UNIT),
  ofDeployment: readonly string[] = globSync(WHOLE_DEPLOYMENT),
): Promise<Result[]> {
  const execArgv = ['--import', new URL('end-at-once.mjs', import.meta.url).href]
  const isUnderLoad = (file: string) => UNDER_LOAD.some(pattern => matchesGlob(relative('.', file), pattern))
  const underLoad = await tests(files.filter(isUnderLoad), { execArgv, concurrency: 1 })
  const atOnce = await Promise.all([
    tests(
      files.filter(file => !isUnderLoad(file)).sort((a, b) => longFirst(a) - longFirst(b)),
      { execArgv },
    ),
    tests(ofDeployment, { cwd: 'deploy', concurrency: 1 }),
  ])
  return [underLoad, ...atOnce]
}

async function only(files: readonly string[]): Promise<Result[]> {
  const ofDeployment = files.filter(file => matchesGlob(relative('.', file), DEPLOYMENT))
  return unit(
    files.filter(file => !ofDeployment.includes(file)),
    ofDeployment,
  )
}

/** Each file, or group, in a process of its own. A process that a test left behind and that holds its output cannot hold the run. */
async function tests(paths: readonly string[], options: RunOptions): Promise<Result> {
  if (paths.length === 0) return { passed: 0, failed: 0 }
  const { files: processes, grouped, remove } = await together(paths)
  const files = new Set(processes.map(file => resolvePath(file)))
  const signal = AbortSignal.timeout(LIMIT_MS)
  const { promise, resolve } = Promise.withResolvers<Result>()
  // one more than cores: a file waits much, and with one a core 40 % of two cores were idle
  const tests = run({ concurrency: availableParallelism() + 1, signal, ...options, files: [...files] })
  const endsOfFailed = watchEnds(tests)
  // files of a group are tests of its, and none to count, but for one that failed of itself
  let [passedFiles, failedFiles] = [0, 0]
  tests.on('test:pass', ({ name, nesting }) => {
    if (nesting === 0 && grouped.has(name)) passedFiles++
  })
  tests.on('test:fail', ({ name, nesting, details: { error } }) => {
    const isOfTests = 'failureType' in error && error.failureType === 'subtestsFailed'
    if (nesting === 0 && grouped.has(name) && isOfTests) failedFiles++
  })
  tests.on('test:summary', ({ file, counts }) => {
    if (file !== undefined) return void files.delete(file)
    // a file's summary comes last: without it some of its results may be lost
    for (const each of files) say(`✖ ${each} gave no summary`)
    const failed = counts.tests - counts.passed - counts.skipped - counts.todo - failedFiles + files.size
    resolve({ passed: counts.passed - passedFiles, failed: counts.tests === 0 ? 1 : failed })
  })
  const report = tests.compose(spec)
  report.pipe(process.stdout, { end: false })
  const [result] = await Promise.all([promise, once(report, 'end')]).finally(remove)
  for (const each of endsOfFailed()) say(each)
  return result
}

const Report = z.object({
  stats: z.object({ expected: z.number(), unexpected: z.number(), flaky: z.number() }),
})

async function browser(): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-e2e-'))
  const E2E_REPORT = join(folder, 'report.json')
  const cli = ['node_modules/@playwright/test/cli.js', 'test', '-c', 'e2e/playwright.config.ts']
  try {
    const env = { ...process.env, E2E_REPORT }
    const { status } = spawnSync(process.execPath, cli, { stdio: 'inherit', env, timeout: LIMIT_MS })
    const { stats } = Report.parse(JSON.parse(await readFile(E2E_REPORT, 'utf8')))
    const failed = stats.unexpected + stats.flaky
    return { passed: stats.expected, failed: failed === 0 && status !== 0 ? 1 : failed }
  } catch (error) {
    say(String(error))
    return { passed: 0, failed: 1 }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const files = process.argv.slice(2)
// the second build of the image, which takes a minute, is a matter of `npm run test:image`
process.env.IMAGE_BUILDS ??= '1'
const results =
  files.length > 0 ? await only(files) : [...(await checks()), ...(await unit()), await browser()]
const sum = (key: keyof Result) => results.reduce((total, each) => total + each[key], 0)
say(`\n${sum('passed')} passed, ${sum('failed')} failed`)
process.exitCode = sum('failed') === 0 ? 0 : 1

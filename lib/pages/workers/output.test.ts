import assert from 'node:assert/strict'
import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { pino } from 'pino'
import { FURTHER, markLines } from './mark-lines.ts'
import { eachEntry, openSaid } from './output.ts'

const OBJECT = '{"level":60,"msg":"an object"}'

/** The log of what a page writes, of which the pipe has `size` characters at a time: levels and messages. */
async function logOf(writes: readonly string[], size = Number.POSITIVE_INFINITY) {
  const log: { level: number; msg: string }[] = []
  const said = openSaid(pino({ base: null }, { write: line => log.push(JSON.parse(line)) }), 1)
  const page = new PassThrough({ encoding: 'utf8', highWaterMark: 1024 ** 2 })
  markLines(page)
  for (const write of writes) page.write(write)
  const text = String(page.read())
  const pipe = new PassThrough()
  const ended = once(pipe, 'end')
  eachEntry(
    pipe,
    entry => said('info', entry),
    () => assert.fail(),
  )
  for (let start = 0; start < text.length; start += size) {
    pipe.write(text.slice(start, start + size))
    await setImmediate()
  }
  pipe.end()
  await ended
  return log.map(({ level, msg }) => [level, msg.replace(/x+/, 'x')])
}

for (const [what, write, log, size] of [
  ['a text of several lines', `bad name\n${OBJECT}\n`, [`bad name\n${OBJECT}`]],
  ['one whose first line is long', `${'x'.repeat(17_000)}\n${OBJECT}\n`, ['x', OBJECT]],
  ['one that the pipe has in pieces', `bad name\n${OBJECT}\n`, ['bad name', OBJECT], 9],
  ['a line that the pipe has in pieces', `${'x'.repeat(17_000)}${OBJECT}\n`, ['x', OBJECT], 17_000],
  ['one that begins with a line end', `\n${OBJECT}\n`, [OBJECT]],
  ['one that begins with a brace', `{ bad name }\n${OBJECT}\n`, [`{ bad name }\n${OBJECT}`]],
] as const) {
  test(`no line of a page's text becomes fields of the log: ${what}`, async () => {
    assert.deepEqual(
      await logOf([write], size),
      log.map(msg => [30, msg]),
    )
  })
}

test('a text that begins with a record separator is an entry of its own', async () => {
  assert.deepEqual(await logOf(['a line\n', '\x1eanother\n', `${OBJECT}\n`, '\x1ethird\n']), [
    [30, 'a line'],
    [30, 'another'],
    [60, 'an object'],
    [30, 'third'],
  ])
})

test('several objects that a logger writes at once are a line each, and a text behind them is text', async () => {
  assert.deepEqual(await logOf([`${OBJECT}\n${OBJECT}\nand a text\n`]), [
    [60, 'an object'],
    [60, 'an object'],
    [30, 'and a text'],
  ])
})

test('the end of a line whose begin was left out is text', async t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const entries: string[] = []
  const pipe = new PassThrough()
  eachEntry(
    pipe,
    entry => entries.push(entry),
    () => {},
  )
  pipe.write(`${'x\n'.repeat(1000)}bad name `)
  await setImmediate()
  t.mock.timers.tick(1000)
  pipe.write(`${OBJECT}\n`)
  await setImmediate()
  assert.equal(entries.at(-1), FURTHER + OBJECT)
})

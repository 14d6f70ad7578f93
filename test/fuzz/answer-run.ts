import { setTimeout as sleep } from 'node:timers/promises'
import type { AnswerCase } from './answers.ts'
import { type Client, connect } from './client.ts'
import type { Key } from './random.ts'
import { type Reply, readReplies } from './reading.ts'
import { login } from './requests.ts'

/** One request as its client saw it. Times in ms, monotonic. */
export type Asked = {
  readonly id: string
  readonly method: string
  readonly sentAt: number
  readonly doneAt: number
  /** the answer, were it only in part; absent where the connection was closed without one */
  readonly reply?: Reply
  readonly hung: boolean
  /** it never came to an end, and the client left */
  readonly left: boolean
  /** what came is no sequence of answers, or more than was asked for */
  readonly garbled: boolean
}

export type Answered = {
  readonly key: Key
  readonly received: string
  readonly main: Asked
  /** plain logins: over the same connection where it stayed open, and over a new one */
  readonly next: readonly Asked[]
}

/** What the front is set to, in ms. */
export const BACKEND_TIMEOUT_MS = 1000
/** To find out that a backend does not take Expect costs one CONNECT_TIMEOUT, which is 1 s, for each of three tries. */
const ASKING_MS = 3000
/** What a busy machine may take beyond that. */
const MARGIN_MS = 3000
/** A body that never ends is watched for so long. */
const WATCHED_MS = 150

/**
 * Sends the case's request, then a plain login over the same connection where that stays open, and one over a new one.
 * @param through when the backend has done all that it does for the case's request
 */
export async function runAnswer(each: AnswerCase, port: number, through: Promise<void>): Promise<Answered> {
  const { id, method, script, key } = each
  const patienceMs = BACKEND_TIMEOUT_MS + script.pieces.length * script.pauseMs + ASKING_MS + MARGIN_MS
  const client = await connect(port)
  const main = await ask(client, [method], id, each.pieces, patienceMs, script.endless !== undefined)
  if (each.patient && !script.endless) await Promise.race([through, sleep(WATCHED_MS)])
  const next: Asked[] = []
  const plain = (to: Client, methods: readonly string[], suffix: string) =>
    ask(to, methods, id + suffix, [login(id + suffix)], BACKEND_TIMEOUT_MS + ASKING_MS + MARGIN_MS, false)
  if (main.reply?.whole && !client.input.over) next.push(await plain(client, [method, 'POST'], '-next'))
  client.destroy()
  const fresh = await connect(port)
  next.push(await plain(fresh, ['POST'], '-fresh'))
  fresh.destroy()
  return { key, received: client.input.text, main, next: next.filter(asked => !isRefusal(asked, client)) }
}

/** The answer to the case had announced the connection's end, which then crossed the next login. */
function isRefusal(asked: Asked, client: Client): boolean {
  return asked.reply === undefined && client.input.over && asked.id.endsWith('-next')
}

/** @param methods of all requests over this connection so far, the one to be sent included */
async function ask(
  { input, send }: Client,
  methods: readonly string[],
  id: string,
  pieces: readonly string[],
  patienceMs: number,
  endless: boolean,
): Promise<Asked> {
  const sentAt = performance.now()
  const read = () => readReplies(input.text, methods, input.over, input.cut)
  const reply = () => read().replies[methods.length - 1]
  await send(pieces)
  const came = () => reply()?.whole === true || read().bad
  const begun = () => came() || (endless && (reply()?.body.length ?? 0) > 0)
  await input.until(() => begun() || undefined, AbortSignal.timeout(patienceMs))
  if (!came() && begun()) await input.until(() => came() || undefined, AbortSignal.timeout(WATCHED_MS))
  const found = reply()
  const isOver = came() || input.over
  const left = !isOver && begun()
  const garbled = read().bad || read().replies.length > methods.length
  const [method = ''] = methods.slice(-1)
  const doneAt = performance.now()
  return { id, method, sentAt, doneAt, hung: !isOver && !left, left, garbled, ...(found && { reply: found }) }
}

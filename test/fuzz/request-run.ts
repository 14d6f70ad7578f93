import { connect } from './client.ts'
import { membersOf } from './message.ts'
import type { Key } from './random.ts'
import { type Reply, readReplies, readRequests, type Sent } from './reading.ts'
import { login, type RequestCase } from './requests.ts'

/** A client's side of a case: what it sent, and what came back. */
export type Run = {
  readonly key: Key
  readonly text: string
  readonly sent: Sent
  readonly after: RequestCase['after']
  readonly received: string
  readonly replies: readonly Reply[]
  /** what came is no sequence of answers */
  readonly garbled: boolean
  /** neither answered nor closed; what was waited for */
  readonly hung: string | undefined
}

/** In ms; what the front itself waits for at most before it hangs up is 2000. */
const PATIENCE_MS = 8000
/** What is sent in part gets so long for an early answer. */
const EARLY_MS = 20

const announcesEnd = ({ headers }: Reply) => membersOf(headers, 'connection').includes('close')

/** Sends the case over a connection of its own, then a plain login over the same one where that stays open. */
export async function runRequest(each: RequestCase, port: number): Promise<Run> {
  const client = await connect(port)
  const { input } = client
  let text = each.pieces.join('')
  let sent = readRequests(text)
  let hung: string | undefined

  function replies() {
    const methods = sent.requests.map(request => request.method)
    const [, next = ''] = /^[\r\n]*([^ ]*)/.exec(text.slice(sent.length, sent.length + 100)) ?? []
    return readReplies(input.text, [...methods, next], input.over, input.cut)
  }

  async function waitFor(what: string, look: () => boolean) {
    const came = await input.until(() => look() || undefined, AbortSignal.timeout(PATIENCE_MS))
    if (came || input.over) return
    hung ??= what
  }

  /** Until there is an answer to each whole request, or the end of the connection where that has to come. */
  async function settled() {
    const answered = () => {
      const whole = replies().replies.filter(reply => reply.whole)
      if (whole.some(announcesEnd)) return false
      return sent.end !== 'bad' && sent.end !== 'closed' && whole.length >= sent.requests.length
    }
    await waitFor(`${sent.requests.length} answers, then ${sent.end}`, answered)
  }

  await client.send(each.pieces)
  if (each.after === 'abort') client.abort()
  else if (each.after !== 'half-close') {
    await settled()
    if (sent.end === 'incomplete') await input.until(() => undefined, AbortSignal.timeout(EARLY_MS))
    else if (!input.over && !hung && each.after === 'follow') {
      const next = login(`${each.id}-next`)
      text += next
      sent = readRequests(text)
      await client.send([next])
      await settled()
    }
  }
  if (each.after !== 'abort') {
    client.halfClose()
    await waitFor('end of the connection', () => false)
  }
  const { replies: all, bad } = replies()
  client.destroy()
  const { key, after } = each
  return { key, after, text, sent, received: input.text, replies: all, garbled: bad, hung }
}

/** A plain login over a connection of its own. */
export const runLogin = (key: Key, id: string, port: number): Promise<Run> =>
  runRequest({ key, id, pieces: [login(id)], after: 'pipelined' }, port)

import diagnostics from 'node:diagnostics_channel'
import { IncomingMessage, type ServerResponse } from 'node:http'
import type { TestContext } from 'node:test'

export const TEXT = Array.from({ length: 20_000 }, (_, i) => String(i % 10)).join('')

/** Answers TEXT in chunks of a byte, which leave together: Node's own would be one. */
export function answerInBytes(_req: IncomingMessage, { socket }: ServerResponse): void {
  const chunks = TEXT.replace(/./g, '1\r\n$&\r\n')
  socket?.end(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`)
}

/** Counts the pieces in which answers to this process's requests are held. */
export function countPieces(t: Pick<TestContext, 'after'>): { count: number } {
  const pieces = { count: 0 }
  const onAnswer = (message: unknown) => {
    const { response }: { response?: unknown } = Object(message)
    if (!(response instanceof IncomingMessage)) return
    const push = response.push.bind(response)
    response.push = (chunk: unknown) => {
      pieces.count++
      return push(chunk)
    }
  }
  diagnostics.subscribe('http.client.response.finish', onAnswer)
  t.after(() => void diagnostics.unsubscribe('http.client.response.finish', onAnswer))
  return pieces
}

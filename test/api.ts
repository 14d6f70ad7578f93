import http from 'node:http'
import { listen } from '../lib/front/listen.ts'

/** An API on plain HTTP at a port of loopback; it ends with the test. @returns its origin */
export async function startApi(
  t: { after(end: () => void): void },
  handler: http.RequestListener,
): Promise<string> {
  const server = http.createServer(handler)
  const port = await listen(server, 0, '127.0.0.1')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${port}`
}

import { once } from 'node:events'
import http from 'node:http'

/** An API on plain HTTP at a port of loopback; it ends with the test. @returns its origin */
export async function startApi(
  t: { after(end: () => void): void },
  handler: http.RequestListener,
): Promise<string> {
  const server = http.createServer(handler).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const bound = server.address()
  return `http://127.0.0.1:${typeof bound === 'object' && bound ? bound.port : 0}`
}

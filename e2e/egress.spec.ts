import http from 'node:http'
import { listen } from '../lib/front/listen.ts'
import { untilLogged } from '../test/log-lines.ts'
import { expect, test } from './fixtures.ts'

test('a page of another site, on the machine where the front runs, cannot call the API through egress', async ({
  page,
  front,
}) => {
  const site = http.createServer((_req, res) => res.setHeader('Content-Type', 'text/html').end('<p>evil</p>'))
  const port = await listen(site, 0, '127.0.0.1')
  try {
    // `localhost` is another site than 127.0.0.1, which is the same site at another port
    for (const host of ['localhost', '127.0.0.1']) {
      await page.goto(`http://${host}:${port}/`)
      for (const method of ['GET', 'POST']) {
        const path = `/user/me/by-${method}-from-${host}`
        const sent = await page.evaluate(
          ([url = '', method = '']) => fetch(url, { mode: 'no-cors', method }).then(() => 'sent', String),
          [front.egressUrl + path, method],
        )
        expect(sent, 'the browser itself lets it go').toBe('sent')
        const [line] = await untilLogged(front.log, each => each.path === path)
        expect(line).toMatchObject({ route: 'egress', status: 403, code: 'CROSS_SITE' })
        expect(line).not.toHaveProperty('address')
      }
    }
  } finally {
    site.close()
    site.closeAllConnections()
  }
})

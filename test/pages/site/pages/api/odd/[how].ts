import { Readable } from 'node:stream'
import type { NextApiRequest, NextApiResponse } from 'next'

/** What an API route may do with its answer. */
export default function odd({ query }: NextApiRequest, res: NextApiResponse) {
  switch (query.how) {
    case 'redirect':
      return res.redirect(301, 'https://other.example/%E5%A4%AA')
    case 'stream':
      return res.send(Readable.from(['in ', 'pieces']))
    case 'lists':
      res.setHeader('X-A', ['1', '2']).appendHeader('Set-Cookie', 'a=1').appendHeader('Set-Cookie', 'b=2')
      return res.send({ words: '太郎' })
    case 'draft':
      return res.setDraftMode({ enable: true }).end('draft')
    case 'too-long':
      return res.setHeader('Content-Length', '5').end('whole and more')
    case 'throws':
      throw Object.assign(new Error('of an API route'), { statusCode: 418 })
    default:
      return res.status(204).end()
  }
}

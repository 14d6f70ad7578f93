import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { NextApiRequest, NextApiResponse } from 'next'

export const config = { api: { bodyParser: false } }

/** As an upload with a limit of its own; what has failed takes the socket off the request. */
export default async function limited(req: NextApiRequest, res: NextApiResponse) {
  const limit = new Writable({ write: (_chunk, _encoding, done) => done(new Error('too much')) })
  await pipeline(req, limit).catch(() => res.status(413).send('enough'))
}

import type { NextApiRequest, NextApiResponse } from 'next'

export default function hints(_req: NextApiRequest, res: NextApiResponse) {
  res.writeEarlyHints({ link: ['</a.css>; rel=preload; as=style', '</b.js>; rel=preload; as=script'] })
  res.send('late')
}

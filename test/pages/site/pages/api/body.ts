import type { NextApiRequest, NextApiResponse } from 'next'

/** Parsed by Next up to 1 MB; then 413. */
export default function body(req: NextApiRequest, res: NextApiResponse) {
  res.setHeader('Set-Cookie', ['a=1', 'b=2'])
  res.status(202).json({ method: req.method, query: req.query, body: req.body, cookies: req.cookies })
}

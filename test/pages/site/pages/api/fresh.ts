import type { NextApiRequest, NextApiResponse } from 'next'

export default async function fresh(_req: NextApiRequest, res: NextApiResponse) {
  await res.revalidate('/stamp')
  res.json({ revalidated: true })
}

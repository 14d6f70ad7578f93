import type { NextApiRequest, NextApiResponse } from 'next'

export default async function renew(_req: NextApiRequest, res: NextApiResponse) {
  await res.revalidate('/isr')
  res.send('renewed')
}

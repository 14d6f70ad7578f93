import type { NextApiRequest, NextApiResponse } from 'next'

/** How many more may listen before Node warns of a leak: the front's own are not counted. */
export default function listeners(_req: NextApiRequest, res: NextApiResponse) {
  res.send(`room for ${res.getMaxListeners() - res.listenerCount('close')} more`)
}

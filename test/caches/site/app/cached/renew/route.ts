import { revalidateTag } from 'next/cache'

export function POST() {
  revalidateTag('stock', { expire: 0 })
  return new Response('renewed')
}

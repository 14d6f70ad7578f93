import { revalidateTag } from 'next/cache'

export function POST() {
  revalidateTag('rates', { expire: 0 })
  return new Response('renewed')
}

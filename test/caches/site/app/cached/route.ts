import { cacheTag } from 'next/cache'
import { made } from '../made.tsx'

export const dynamic = 'force-dynamic'

async function stock() {
  'use cache'
  cacheTag('stock')
  return made()
}

export const GET = async () => new Response(await stock())

import { unstable_cache } from 'next/cache'
import { made } from '../made.tsx'

export const dynamic = 'force-dynamic'

const rates = unstable_cache(async () => made(), ['rates'], { tags: ['rates'] })

/** Data of the cache in an answer that is not. */
export const GET = async () => new Response(await rates())

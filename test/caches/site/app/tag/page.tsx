import { unstable_cache } from 'next/cache'
import { made } from '../made.tsx'

const news = unstable_cache(async () => made(), ['news'], { tags: ['news'] })

/** A static page with tagged data. */
export default async function Tagged() {
  return <p>{await news()}</p>
}

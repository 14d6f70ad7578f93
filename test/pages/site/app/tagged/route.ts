import { unstable_cache } from 'next/cache'

export const dynamic = 'force-static'

const stamp = unstable_cache(async () => performance.timeOrigin + performance.now(), ['stamp'], {
  tags: ['news'],
})

/** The same for everybody until the tag is renewed. */
export async function GET() {
  return new Response(`made at ${await stamp()}`)
}

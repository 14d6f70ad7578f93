import { unstable_cache } from 'next/cache'

export const revalidate = 3600

const stamp = unstable_cache(async () => performance.timeOrigin + performance.now(), ['stamp'], {
  tags: ['news'],
})

export default async function Tagged() {
  return <p>{`made at ${await stamp()}.`}</p>
}

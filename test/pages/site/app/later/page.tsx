import { setTimeout as sleep } from 'node:timers/promises'
import { Suspense } from 'react'

export const dynamic = 'force-dynamic'

async function Late() {
  await sleep(100)
  return <p>the last piece</p>
}

export default function Later() {
  return (
    <Suspense fallback={<p>wait</p>}>
      <Late />
    </Suspense>
  )
}

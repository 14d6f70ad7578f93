import { Suspense } from 'react'

/** What no team would ship on purpose. */
const odd: Record<string, () => void> = {
  exit: () => process.exit(3),
  loop: () => {
    for (;;);
  },
  heap: () => {
    const kept: number[][] = []
    for (;;) kept.push(new Array(1_000_000).fill(kept.length))
  },
}

async function Late() {
  await new Promise(resolve => setTimeout(resolve, 1000))
  return <p>the last piece</p>
}

export default async function Odd({ params }: { params: Promise<{ kind: string }> }) {
  odd[(await params).kind]?.()
  return (
    <>
      <p>the first piece</p>
      <Suspense fallback={<p>wait</p>}>
        <Late />
      </Suspense>
    </>
  )
}

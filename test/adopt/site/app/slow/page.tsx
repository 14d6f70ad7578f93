import { connection } from 'next/server'
import { Suspense } from 'react'

async function Late() {
  await connection()
  await new Promise(resolve => setTimeout(resolve, 1000))
  return <p>the last piece</p>
}

export default function Slow() {
  return (
    <>
      <p>the first piece</p>
      <Suspense fallback={<p>wait</p>}>
        <Late />
      </Suspense>
    </>
  )
}

import type { ReactNode } from 'react'

/** A parallel route beside the page, which intercepts a link to a photo. */
export default function Boards({ children, side }: { children: ReactNode; side: ReactNode }) {
  return (
    <main>
      {children}
      <aside>{side}</aside>
    </main>
  )
}

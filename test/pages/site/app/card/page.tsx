import type { Metadata } from 'next'

/** Without metadataBase: Next makes up where the picture is. */
export const metadata: Metadata = { openGraph: { images: '/card.png' } }
export const dynamic = 'force-dynamic'

export default function Card() {
  return <p>a card</p>
}

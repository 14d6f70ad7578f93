import { headers } from 'next/headers'
import Link from 'next/link'

export default async function Page() {
  const host = (await headers()).get('host')
  return (
    <main>
      <h1>Rendered for {host}</h1>
      <Link href="/heavy">Heavy</Link>
    </main>
  )
}

import Link from 'next/link'

export default function Page() {
  return (
    <main>
      <h1>Rendered once, at build</h1>
      <Link href="/dynamic">Dynamic</Link>
    </main>
  )
}

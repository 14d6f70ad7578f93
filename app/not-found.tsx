import type { Metadata } from 'next'
import Link from 'next/link'
import { requestMessages } from './_messages/request.ts'

export async function generateMetadata(): Promise<Metadata> {
  const { title, notFound } = await requestMessages()
  return { title: title(notFound.title) }
}

export default async function NotFound() {
  const { notFound } = await requestMessages()
  return (
    <>
      <h1>{notFound.title}</h1>
      <p>{notFound.text}</p>
      <Link href="/" className="button">
        {notFound.home}
      </Link>
    </>
  )
}

import { cookies } from 'next/headers'
import Link from 'next/link'
import { requestMessages } from './_messages/request.ts'

export default async function Home() {
  const { home } = await requestMessages()
  // A hint for the right link, no proof of anything: the API alone knows who is logged in.
  const signedIn = (await cookies()).has('signed_in')
  return (
    <>
      <h1>{home.title}</h1>
      <p>{home.what}</p>
      <p>{home.why}</p>
      {signedIn ? (
        // Not prefetched: that would ask the API for an account that nobody may look at.
        <Link href="/account" prefetch={false} className="button">
          {home.account}
        </Link>
      ) : (
        <Link href="/login" className="button">
          {home.logIn}
        </Link>
      )}
    </>
  )
}

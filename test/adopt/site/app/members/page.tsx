import { headers } from 'next/headers'

/** Asks the API through the front, whose address is in BACKEND_URL. */
export default async function Members() {
  const cookie = (await headers()).get('cookie') ?? ''
  const answer = await fetch(`${process.env.BACKEND_URL}/user/me`, { headers: { cookie } })
  return <p>{await answer.text()}</p>
}

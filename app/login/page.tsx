import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { currentAccount } from '../_api/account.ts'
import { requestMessages } from '../_messages/request.ts'
import { failureOfQuery } from './failure.ts'
import { LoginForm } from './form.tsx'

type Props = { searchParams: Promise<{ error?: string | string[] }> }

export async function generateMetadata({ searchParams }: Props): Promise<Metadata> {
  const { title, login } = await requestMessages()
  const failed = failureOfQuery((await searchParams).error) !== null
  return { title: title(failed ? login.titleAfterError : login.title) }
}

export default async function Login({ searchParams }: Props) {
  const { login } = await requestMessages()
  const failed = failureOfQuery((await searchParams).error)
  // whoever is logged in has nothing to do here; where the API does not say so, the form is the safe way
  if (!failed && typeof (await currentAccount()) === 'object') redirect('/account')
  return (
    <>
      <h1>{login.title}</h1>
      <LoginForm failed={failed} />
    </>
  )
}

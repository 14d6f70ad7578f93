import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { type Account, currentAccount } from '../_api/account.ts'
import { requestLanguage, requestMessages } from '../_messages/request.ts'
import { logOut } from './log-out.ts'

export async function generateMetadata(): Promise<Metadata> {
  const { title, account } = await requestMessages()
  return { title: title(account.title) }
}

export default async function AccountPage() {
  const { account: messages } = await requestMessages()
  const account = await currentAccount()
  if (account === 'nobody') redirect('/login')
  return (
    <>
      {account === 'unknown' ? <Unknown /> : <Details account={account} />}
      <form action={logOut}>
        <button type="submit" className="quiet">
          {messages.logOut}
        </button>
      </form>
    </>
  )
}

async function Details({ account }: { account: Account }) {
  const { account: messages } = await requestMessages()
  const time = new Intl.DateTimeFormat(await requestLanguage(), {
    dateStyle: 'long',
    timeStyle: 'short',
    timeZone: 'Asia/Tokyo',
  })
  return (
    <>
      <h1>{messages.greeting(account.displayName)}</h1>
      <dl>
        <dt>{messages.name}</dt>
        <dd>{account.name}</dd>
        <dt>{messages.since}</dt>
        <dd>
          <time dateTime={account.since.toISOString()}>{time.format(account.since)}</time>
        </dd>
      </dl>
      <p>
        <a href="/account/data">{messages.data}</a>
      </p>
    </>
  )
}

async function Unknown() {
  const { account: messages } = await requestMessages()
  return (
    <>
      <h1>{messages.unknown}</h1>
      <p>{messages.unknownWhy}</p>
      <p>
        <a href="/account" className="button">
          {messages.again}
        </a>
      </p>
    </>
  )
}

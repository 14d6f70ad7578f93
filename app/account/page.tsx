import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { type Account, currentAccount } from '../_api/account.ts'
import { requestLanguage, requestWords } from '../_words/request.ts'
import { logOut } from './log-out.ts'

export async function generateMetadata(): Promise<Metadata> {
  const { title, account } = await requestWords()
  return { title: title(account.title) }
}

export default async function AccountPage() {
  const { account: words } = await requestWords()
  const account = await currentAccount()
  if (account === 'nobody') redirect('/login')
  return (
    <>
      {account === 'unknown' ? <Unknown /> : <Details account={account} />}
      <form action={logOut}>
        <button type="submit" className="quiet">
          {words.logOut}
        </button>
      </form>
    </>
  )
}

async function Details({ account }: { account: Account }) {
  const { account: words } = await requestWords()
  const time = new Intl.DateTimeFormat(await requestLanguage(), {
    dateStyle: 'long',
    timeStyle: 'short',
    timeZone: 'Asia/Tokyo',
  })
  return (
    <>
      <h1>{words.greeting(account.displayName)}</h1>
      <dl>
        <dt>{words.name}</dt>
        <dd>{account.name}</dd>
        <dt>{words.since}</dt>
        <dd>
          <time dateTime={account.since.toISOString()}>{time.format(account.since)}</time>
        </dd>
      </dl>
      <p>
        <a href="/account/data">{words.data}</a>
      </p>
    </>
  )
}

async function Unknown() {
  const { account: words } = await requestWords()
  return (
    <>
      <h1>{words.unknown}</h1>
      <p>{words.unknownWhy}</p>
      <p>
        <a href="/account" className="button">
          {words.again}
        </a>
      </p>
    </>
  )
}

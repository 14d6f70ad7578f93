'use client'

import { type FormEvent, useEffect, useRef, useState } from 'react'
import { useMessages } from '../_messages/context.tsx'
import { describeFailure, type Failure, failureOfResponse } from './failure.ts'

/**
 * A plain HTML form that logs in on its own; with JavaScript the page stays, and says what went wrong.
 * `failed` is what the API answered to the plain form.
 */
export function LoginForm({ failed }: { failed: Failure | null }) {
  const { login } = useMessages()
  const [failure, setFailure] = useState(failed)
  const [pending, setPending] = useState(false)

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    if (pending) return
    const form = event.currentTarget
    setPending(true)
    setFailure(null)
    const outcome = await logIn(new FormData(form))
    // A whole new page, so that nothing rendered before the login stays; the button stays busy until it is there.
    if (outcome === null) return window.location.assign('/account')
    setFailure(outcome)
    setPending(false)
  }

  const invalid = failure?.kind === 'credentials' || failure?.kind === 'form'
  const described = invalid ? { 'aria-invalid': true, 'aria-describedby': 'failure' } : {}
  return (
    <form method="post" action="/user/login" onSubmit={submit} aria-busy={pending}>
      {failure && <FailureMessage failure={failure} />}
      <label htmlFor="name">{login.name}</label>
      <input
        id="name"
        name="name"
        autoComplete="username"
        autoCapitalize="none"
        autoCorrect="off"
        spellCheck={false}
        required
        {...described}
      />
      <label htmlFor="password">{login.password}</label>
      <PasswordInput hidden={pending} described={described} />
      {/* not `disabled`, which would take the focus away; `submit` does nothing while one is pending */}
      <button type="submit" aria-disabled={pending}>
        {pending ? login.pending : login.submit}
      </button>
      <p role="status" className="unseen">
        {pending && login.pending}
      </p>
    </form>
  )
}

function PasswordInput({ hidden, described }: { hidden: boolean; described: object }) {
  const { login } = useMessages()
  const [hydrated, setHydrated] = useState(false)
  const [wanted, setWanted] = useState(false)
  useEffect(() => setHydrated(true), [])
  const shown = wanted && !hidden
  return (
    <div className="password">
      <input
        id="password"
        name="password"
        type={shown ? 'text' : 'password'}
        autoComplete="current-password"
        autoCapitalize="none"
        autoCorrect="off"
        spellCheck={false}
        required
        {...described}
      />
      {hydrated && (
        <button
          type="button"
          className="show"
          aria-label={login.showPassword}
          aria-pressed={shown}
          aria-controls="password"
          aria-disabled={hidden}
          onClick={() => !hidden && setWanted(!wanted)}
        >
          {login.show}
        </button>
      )}
    </div>
  )
}

function FailureMessage({ failure }: { failure: Failure }) {
  const { failure: messages } = useMessages()
  const message = useRef<HTMLDivElement>(null)
  useEffect(() => message.current?.focus(), [])
  return (
    // autoFocus does without JavaScript what the effect does with it.
    // biome-ignore lint/a11y/noAutofocus: it is the answer to what the person just did
    <div ref={message} id="failure" className="failure" role="alert" tabIndex={-1} autoFocus>
      {describeFailure(failure, messages).map(sentence => (
        <p key={sentence}>{sentence}</p>
      ))}
      {'safe' in failure && !failure.safe && (
        <p>
          <a href="/account">{messages.account}</a>
        </p>
      )}
      {'safe' in failure && failure.requestId && (
        <p className="small">
          {messages.requestId} <code>{failure.requestId}</code>
        </p>
      )}
    </div>
  )
}

async function logIn(form: FormData): Promise<Failure | null> {
  const offline = !navigator.onLine
  try {
    const response = await fetch('/user/login', {
      method: 'POST',
      headers: { accept: 'application/json', 'content-type': 'application/json' },
      body: JSON.stringify({ name: form.get('name'), password: form.get('password') }),
    })
    if (!response.ok) return await failureOfResponse(response, Date.now())
    // To its end: a page that is left before that shows up as an aborted login in the browser's own log.
    await response.arrayBuffer()
    return null
  } catch {
    // Offline from the start, nothing has left; otherwise the connection may have broken after the login was done.
    return { kind: 'network', safe: offline, requestId: null }
  }
}

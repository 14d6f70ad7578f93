'use client'

import { useMessages } from './_messages/context.tsx'

export default function PageError({ error, retry }: { error: unknown; retry: () => void }) {
  const { title, error: messages } = useMessages()
  // Next replaces a server error's message by a digest, which its log has too.
  const digest = error instanceof Error && 'digest' in error ? String(error.digest) : null
  return (
    <div role="alert">
      <title>{title(messages.title)}</title>
      <h1>{messages.title}</h1>
      <p>{messages.text}</p>
      {digest && (
        <p className="small">
          {messages.digest} <code>{digest}</code>
        </p>
      )}
      <button type="button" onClick={retry}>
        {messages.again}
      </button>
    </div>
  )
}

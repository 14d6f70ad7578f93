'use client'

import { useWords } from './_words/context.tsx'

export default function PageError({ error, retry }: { error: unknown; retry: () => void }) {
  const { title, error: words } = useWords()
  // Next replaces a server error's message by a digest, which its log has too.
  const digest = error instanceof Error && 'digest' in error ? String(error.digest) : null
  return (
    <div role="alert">
      <title>{title(words.title)}</title>
      <h1>{words.title}</h1>
      <p>{words.text}</p>
      {digest && (
        <p className="small">
          {words.digest} <code>{digest}</code>
        </p>
      )}
      <button type="button" onClick={retry}>
        {words.again}
      </button>
    </div>
  )
}

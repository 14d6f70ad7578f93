'use client'

import { useEffect, useState } from 'react'
import { chooseLanguage, type Language } from '../lib/http/accept.ts'
import { messages } from './_messages/messages.ts'
import './style.css'

/** Takes the layout's place where that itself failed, so the language is the browser's own. */
export default function GlobalError({ retry }: { retry: () => void }) {
  const [language, setLanguage] = useState<Language>('en')
  useEffect(() => setLanguage(chooseLanguage(navigator.languages.join(','))), [])
  const { title, error } = messages[language]
  return (
    <html lang={language}>
      <body>
        <title>{title(error.title)}</title>
        <main>
          <div role="alert">
            <h1>{error.title}</h1>
            <p>{error.text}</p>
            <button type="button" onClick={retry}>
              {error.again}
            </button>
          </div>
        </main>
      </body>
    </html>
  )
}

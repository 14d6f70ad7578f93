import type { Metadata, Viewport } from 'next'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { LanguageProvider } from './_messages/context.tsx'
import { requestLanguage, requestMessages } from './_messages/request.ts'
import './style.css'

export async function generateMetadata(): Promise<Metadata> {
  const { description } = await requestMessages()
  return {
    title: 'Gatehouse',
    description,
    // Phones make links of digits that look like a telephone number: request ids do.
    formatDetection: { telephone: false },
  }
}

export const viewport: Viewport = {
  colorScheme: 'light dark',
  // --page of style.css
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#f4f6f8' },
    { media: '(prefers-color-scheme: dark)', color: '#10161c' },
  ],
}

export default async function Layout({ children }: { children: ReactNode }) {
  const language = await requestLanguage()
  return (
    <html lang={language}>
      <body>
        <header>
          <Link href="/" className="brand">
            <svg viewBox="0 0 32 32" width="24" height="24" aria-hidden="true">
              <path d="M4 29V14a12 12 0 0 1 24 0v15h-7V15a5 5 0 0 0-10 0v14Z" />
            </svg>
            Gatehouse
          </Link>
        </header>
        <main>
          <LanguageProvider language={language}>{children}</LanguageProvider>
        </main>
      </body>
    </html>
  )
}

'use client'

import { createContext, type ReactNode, useContext } from 'react'
import type { Language } from '../../lib/http/accept.ts'
import { type Messages, messages } from './messages.ts'

const LanguageContext = createContext<Language>('en')

/** Carries the language that the server chose to client components; the browser's own guess could differ. */
export function LanguageProvider({ language, children }: { language: Language; children: ReactNode }) {
  return <LanguageContext value={language}>{children}</LanguageContext>
}

/** For client components: all messages in the language that the server chose. */
export function useMessages(): Messages {
  return messages[useContext(LanguageContext)]
}

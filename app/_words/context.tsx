'use client'

import { createContext, type ReactNode, useContext } from 'react'
import type { Language } from '../../lib/http/language.ts'
import { type Words, words } from './words.ts'

const LanguageContext = createContext<Language>('en')

/** Carries the language that the server chose to client components; the browser's own guess could differ. */
export function LanguageProvider({ language, children }: { language: Language; children: ReactNode }) {
  return <LanguageContext value={language}>{children}</LanguageContext>
}

/** For client components: all words in the language that the server chose. */
export function useWords(): Words {
  return words[useContext(LanguageContext)]
}

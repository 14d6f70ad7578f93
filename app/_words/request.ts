import { headers } from 'next/headers'
import { chooseLanguage, type Language } from '../../lib/http/language.ts'
import { type Words, words } from './words.ts'

/** For server components: the language of this request. */
export async function requestLanguage(): Promise<Language> {
  return chooseLanguage((await headers()).get('accept-language'))
}

/** For server components: all words in the language of this request. */
export async function requestWords(): Promise<Words> {
  return words[await requestLanguage()]
}

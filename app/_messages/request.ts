import { headers } from 'next/headers'
import { chooseLanguage, type Language } from '../../lib/http/accept.ts'
import { type Messages, messages } from './messages.ts'

/** For server components: the language of this request. */
export async function requestLanguage(): Promise<Language> {
  return chooseLanguage((await headers()).get('accept-language'))
}

/** For server components: all messages in the language of this request. */
export async function requestMessages(): Promise<Messages> {
  return messages[await requestLanguage()]
}

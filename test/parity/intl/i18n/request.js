import { hasLocale } from 'next-intl'
import { getRequestConfig } from 'next-intl/server'
import { routing } from './routing.js'

const MESSAGES = { en: { hello: 'Hello' }, ja: { hello: 'こんにちは' } }

export default getRequestConfig(async ({ requestLocale }) => {
  const asked = await requestLocale
  const locale = hasLocale(routing.locales, asked) ? asked : routing.defaultLocale
  return { locale, messages: MESSAGES[locale] }
})

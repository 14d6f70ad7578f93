import { defineRouting } from 'next-intl/routing'

/** The default language has no prefix: each of its pages is a rewrite. */
export const routing = defineRouting({
  locales: ['en', 'ja'],
  defaultLocale: 'en',
  localePrefix: 'as-needed',
})

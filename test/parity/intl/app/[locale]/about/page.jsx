import { getLocale, getTranslations } from 'next-intl/server'

export default async function About() {
  const say = await getTranslations()
  return (
    <p>
      about {say('hello')} in {await getLocale()}
    </p>
  )
}

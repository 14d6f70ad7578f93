import { getLocale, getTranslations } from 'next-intl/server'

export default async function Home() {
  const say = await getTranslations()
  return (
    <p>
      {say('hello')} in {await getLocale()}
    </p>
  )
}

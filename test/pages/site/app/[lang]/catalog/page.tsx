import { headers } from 'next/headers'

export default async function Catalog({ params }: { params: Promise<{ lang: string }> }) {
  return <p>{`${(await params).lang} catalog for ${(await headers()).get('host')}`}</p>
}

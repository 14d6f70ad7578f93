import { draftMode, headers } from 'next/headers'

export default async function Tenant({ params }: { params: Promise<{ name: string }> }) {
  const { isEnabled } = await draftMode()
  return (
    <p>{`tenant ${(await params).name} at ${(await headers()).get('host')}${isEnabled ? ', a draft' : ''}`}</p>
  )
}

import { forbidden, permanentRedirect, redirect, unauthorized } from 'next/navigation'
import { connection } from 'next/server'

export default async function Refuses({ params }: { params: Promise<{ how: string }> }) {
  await connection()
  const { how } = await params
  if (how === 'forbidden') forbidden()
  if (how === 'unauthorized') unauthorized()
  if (how === 'redirect') redirect('/tenants/redirected?q=%E5%A4%AA')
  if (how === 'permanent') permanentRedirect('https://other.example/')
  return <p>{how}</p>
}

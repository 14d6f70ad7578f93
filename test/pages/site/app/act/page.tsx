import { redirect } from 'next/navigation'

async function leave() {
  'use server'
  redirect('/tenants/acted')
}

export default function Act() {
  return (
    <form action={leave}>
      <button type="submit">Leave</button>
    </form>
  )
}

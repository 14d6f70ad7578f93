import { cookies } from 'next/headers'

async function order(form: FormData) {
  'use server'
  const jar = await cookies()
  jar.set('ordered', String(form.get('item')))
}

export default function Order() {
  return (
    <form action={order}>
      <input name="item" />
      <button type="submit">Order</button>
    </form>
  )
}

import { revalidatePath } from 'next/cache'

export function POST() {
  revalidatePath('/path')
  // an answer that is whole with its head
  return new Response(null, { status: 204 })
}

'use server'

import { cookies } from 'next/headers'
import { redirect } from 'next/navigation'
import { endSession } from '../_api/account.ts'

/** Ends the session at the API; here it ends whatever the API answers, or if it does not. */
export async function logOut(): Promise<void> {
  try {
    await endSession()
  } catch (error) {
    console.error('The API could not be asked to end a session:', error)
  }
  const jar = await cookies()
  jar.delete('session')
  jar.delete('signed_in')
  redirect('/login')
}

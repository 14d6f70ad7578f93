import { draftMode } from 'next/headers'
import { made } from '../made.tsx'

/** A static page, of which an editor with the cookie of draft mode sees what is not published yet. */
export default async function Post() {
  const { isEnabled } = await draftMode()
  return (
    <p>
      {isEnabled ? 'draft' : 'published'} {made()}
    </p>
  )
}

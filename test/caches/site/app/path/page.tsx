import { made } from '../made.tsx'

/** A static page without tags. */
export default function Page() {
  return <p>{made()}</p>
}

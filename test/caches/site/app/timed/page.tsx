import { made } from '../made.tsx'

export const revalidate = 1

/** Made anew a second after it was, by whoever asks then. */
export default function Timed() {
  return <p>{made()}</p>
}

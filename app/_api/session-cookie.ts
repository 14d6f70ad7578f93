/**
 * The `session` cookie alone, as it stands in a Cookie header; null if there is none.
 * Not by Next's cookies(): they decode the value, and the API might not know its own cookie again.
 */
export function sessionCookie(header: string | null): string | null {
  const pairs = (header ?? '').split(';').map(pair => pair.trim())
  return pairs.find(pair => pair.startsWith('session=')) ?? null
}

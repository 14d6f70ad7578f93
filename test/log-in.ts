/** @param path of the backend, with a query or without */
export async function logIn(
  front: { readonly url: string },
  account: { name: string; password: string },
  path = '/user/login',
) {
  const { status, headers } = await fetch(new URL(path, front.url), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(account),
    signal: AbortSignal.timeout(60_000),
  })
  const cookies = headers.getSetCookie().map(each => each.split(';')[0])
  return {
    status,
    /** of the session, as a request sends them */
    cookie: cookies.join('; '),
  }
}

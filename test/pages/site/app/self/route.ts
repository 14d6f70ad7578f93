/** A redirect as many apps write it. */
export function GET(request: Request) {
  return Response.redirect(new URL('/tenants/self', request.url))
}

export async function GET(_request: Request, { params }: { params: Promise<{ code: string }> }) {
  const status = Number((await params).code)
  const isEmpty = status === 204 || status === 304
  return new Response(isEmpty ? null : `status ${status}`, { status })
}

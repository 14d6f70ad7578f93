export async function POST(request: Request) {
  const form = await request.formData()
  return Response.json(
    [...form].map(([name, value]) => [name, typeof value === 'string' ? value : [value.name, value.size]]),
  )
}

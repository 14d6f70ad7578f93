export default async function Intercepted({ params }: { params: Promise<{ id: string }> }) {
  return <p>{`photo ${(await params).id} beside the boards`}</p>
}

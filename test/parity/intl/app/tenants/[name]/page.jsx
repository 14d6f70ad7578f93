/** @param {{ params: Promise<{ name: string }> }} props */
export default async function Tenant({ params, searchParams }) {
  return (
    <p>
      tenant {(await params).name} {JSON.stringify(await searchParams)}
    </p>
  )
}

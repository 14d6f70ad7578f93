import Image from 'next/image'

export default function Home() {
  return (
    <>
      <h1>The shop</h1>
      <Image src="/shop/photo.png" alt="" width={64} height={64} />
    </>
  )
}

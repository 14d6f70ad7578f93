export const getStaticProps = () => ({ props: { made: performance.timeOrigin + performance.now() } })

export default function Stamp({ made }: { made: number }) {
  return <p>{`made at ${made}.`}</p>
}

type Props = { made: string }

export const getStaticProps = async () => ({
  props: { made: `made at ${performance.timeOrigin + performance.now()} by ${process.pid}` },
})

/** A page of the Pages Router, until res.revalidate(). */
export default ({ made }: Props) => <p>{made}</p>

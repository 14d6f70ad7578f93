import type { GetServerSideProps } from 'next'

export const getServerSideProps: GetServerSideProps = async ({ locale, req }) => ({
  props: { words: `greeting in ${locale} at ${req.headers.host}` },
})

export default function Greeting({ words }: { words: string }) {
  return <p>{words}</p>
}

import type { GetStaticPaths, GetStaticProps } from 'next'

export const getStaticPaths: GetStaticPaths = () => ({
  paths: [{ params: { id: 'first' }, locale: 'en' }],
  fallback: 'blocking',
})

export const getStaticProps: GetStaticProps = ({ params, locale }) =>
  params?.id === 'none'
    ? { notFound: true }
    : { props: { words: `post ${String(params?.id)} in ${locale}` }, revalidate: 3600 }

export default function Post({ words }: { words: string }) {
  return <p>{words}</p>
}

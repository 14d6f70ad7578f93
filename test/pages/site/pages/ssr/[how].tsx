import type { GetServerSideProps } from 'next'

/** What getServerSideProps may do with the answer itself. */
export const getServerSideProps: GetServerSideProps = async ({ params, query, req, res, resolvedUrl }) => {
  switch (params?.how) {
    case 'cookies':
      res.setHeader('Set-Cookie', ['a=1; Path=/', 'b=2'])
      res.setHeader('Cache-Control', 'public, s-maxage=10, stale-while-revalidate=59')
      break
    case 'write':
      res.setHeader('Content-Type', 'text/plain').write('in ')
      res.end('pieces')
      break
    case 'head':
      res.writeHead(202, 'Taken', { 'Content-Type': 'text/plain', 'Content-Length': 5 })
      res.end('taken')
      break
    case 'status':
      res.statusCode = 451
      break
    case 'none':
      return { notFound: true }
    case 'moved':
      return { redirect: { destination: '/greeting?q=%E5%A4%AA', permanent: false } }
    case 'throws':
      throw new Error('of getServerSideProps')
  }
  return { props: { words: JSON.stringify({ query, resolvedUrl, url: req.url }) } }
}

export default function Rendered({ words }: { words: string }) {
  return <p>{words}</p>
}

export const dynamic = 'force-dynamic'

export default function Throws() {
  throw new Error('of a page')
}

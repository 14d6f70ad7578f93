import { headers } from 'next/headers'

/** To render so many takes some 25 ms. */
const ROWS = Array.from({ length: 450 }, (_, row) => row)
const DAY_MS = 86_400_000

export default async function Page() {
  const host = (await headers()).get('host')
  return (
    <main>
      <h1>Much of {host}</h1>
      <table>
        <tbody>
          {ROWS.map(row => (
            <Row key={row} row={row} />
          ))}
        </tbody>
      </table>
    </main>
  )
}

/** A date is written out for every row, as pages do. */
function Row({ row }: { row: number }) {
  const date = new Date(row * DAY_MS)
  return (
    <tr>
      <th scope="row">{row}</th>
      <td>{date.toLocaleDateString('en-GB', { dateStyle: 'full', timeZone: 'UTC' })}</td>
      <td>{(row * 7919).toLocaleString('en-GB', { style: 'currency', currency: 'JPY' })}</td>
    </tr>
  )
}

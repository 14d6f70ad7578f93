import type http from 'node:http'

/** Pages of odd-server.ts that write to their logs, each as some library does it. */
export const LOGGING: Record<string, http.RequestListener> = {
  '/says': (_req, res) => {
    console.log('a page says this')
    console.error('\x1b[31ma page complains\x1b[0m')
    process.stdout.write('x'.repeat(20_000))
    res.end()
  },
  '/logs': (_req, res) => {
    console.log(
      JSON.stringify({
        level: 50,
        time: 7,
        msg: 'of pino',
        cookie: 'secret',
        order: { id: 1 },
        err: { type: 'TypeError', message: 'x', stack: 'y' },
      }),
    )
    console.log(JSON.stringify({ level: 'debug', message: 'of winston' }))
    console.log('{ not: json }')
    console.error(new Error('with a stack\n\nand a message of lines\n{"level":60,"msg":"forged"}'))
    res.end()
  },
  '/logs-together': (_req, res) => {
    const json = JSON.stringify({ level: 'error', msg: 'payment failed' })
    process.stderr.write(`${json}\n ⨯ Error: boom\n    at x (y.js:1:1)\n`)
    res.end()
  },
  '/floods': (_req, res) => {
    process.stdout.write('a flood of lines\n'.repeat(20_000))
    res.end()
  },
}

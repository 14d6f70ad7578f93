import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, file, request } from '../../test/raw.ts'
import { stage } from '../../test/stage.ts'

const { url, log } = await stage(file, { env: { BACKEND_PATHS: '/user/login,/api' } })
const port = Number(new URL(url).port)
const HOST = 'Host: www.dev.jp'

const refused: [words: string, text: string, cause: string][] = [
  ['two Hosts', request('GET /', [HOST, HOST]), 'Host is missing, there twice, or malformed'],
  [
    'a Transfer-Encoding that is not known',
    request('POST /', [HOST, 'Transfer-Encoding: gzip, chunked']),
    'Transfer-Encoding is not chunked, or not allowed here',
  ],
  [
    'a Connection that names Cookie',
    request('GET /', [HOST, 'Connection: cookie']),
    'Connection names a header that must not be dropped, or too many',
  ],
  [
    'a fragment',
    request('GET /a#b', [HOST]),
    'the request target is no path, or has a # or a byte above 0x7f',
  ],
  [
    "an escaped slash in a login's path",
    request('GET /user/login/a%2fb', [HOST]),
    'the path has escaped separators, dot segments, NUL or line ends',
  ],
  [
    'a path of an API that may be read as another route',
    request('GET /api/x/..%2f..%2fuser/login', [HOST]),
    'servers may read the path as one of another route',
  ],
  [
    'a login from another site',
    request('POST /user/login', [
      HOST,
      'Content-Length: 0',
      'Origin: https://app.dev.jp',
      'Sec-Fetch-Site: same-site',
    ]),
    'Origin https://app.dev.jp, Sec-Fetch-Site same-site',
  ],
  [
    'a login whose Origin is no origin',
    request('POST /user/login', [HOST, 'Content-Length: 0', 'Origin: https://app.dev.jp/?token=secret']),
    'Origin none, Sec-Fetch-Site none',
  ],
]

for (const [words, text, cause] of refused) {
  test(`the log says why ${words} was refused`, async () => {
    const before = log.length
    await ask(port, text)
    const line = log.slice(before).find(({ msg }) => msg === 'request')
    assert.equal(line?.cause, cause)
  })
}

import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { Language } from '../../lib/http/accept.ts'
import { NEXT } from '../../test/nginx.ts'
import { printed } from '../../test/printed.ts'
import { temporaryFolder } from '../../test/temporary-folder.ts'
import { fromNginx } from './print.ts'

const folder = await temporaryFolder({ after })

const LOGIN = 'location /user/login { proxy_pass https://api.dev.jp/user/login; }'

/** By what becomes of it. */
const FILES = {
  'an environment that is enough': `server { listen 4000; server_name _; ${NEXT} ${LOGIN} }`,
  'a file of routes': `server { listen 80; server_name www.dev.jp; gzip on;
    location / { proxy_pass http://127.0.0.1:3000; proxy_set_header X-Forwarded-Proto https; add_header A b; }
    location /api/ { proxy_pass https://api.dev.jp/v1/; proxy_set_header X-Api-Key abc; proxy_read_timeout 3d; }
    location ~ ^/api/(x|y)z { return 302 /; } location /office/ { deny all; proxy_pass https://api.dev.jp; } }`,
  'one path alone': `server { listen 80; server_name www.dev.jp; ${NEXT}
    location = /user/login/ { proxy_pass https://api.dev.jp; } location /user/ { proxy_pass https://api.dev.jp; }
    location = /user/help { proxy_pass http://127.0.0.1:3000; } }`,
  'what is lost, and a second server': `http { unknown_thing on; upstream api { ip_hash; server api.dev.jp:443 weight=2; }
    server { listen 80; ${NEXT} location /user/login { proxy_pass https://api; proxy_redirect off; limit_req zone=z; } return 404; }
    server { listen 81; location /a { proxy_pass http://127.0.0.1:5000; } } }`,
  'an API alone': `server { listen 80; server_name api.dev.jp; location / { proxy_pass http://10.0.0.1:5000; } }`,
  'an environment that Gatehouse does not start with': `server { location "/it's & more/login" { proxy_pass https://api.dev.jp; } }`,
  'a placeholder': `server { listen \${PORT}; }`,
  'a template': `server { listen {{ port }}; }`,
  'a mistake': 'server { listen 80',
} as const

const file = join(folder, 'nginx.conf')

/** What is printed, or said of a mistake. */
const printedIn = (language: Language) =>
  printed(() => {
    try {
      return fromNginx([file], language)
    } catch (error) {
      process.stderr.write(`${error}\n`)
      return 1
    }
  })

const PROSE = /[\p{sc=Hira}\p{sc=Kana}\p{sc=Han}]/u
/** A setting, or what is to be copied: these are the same in all languages. */
const PLAIN = /：[A-Z_]+=.*$|^ +(async|return|\{|\]|\}|HTTP:80|path \S+ → fixed-response \d+$)/

for (const [title, conf] of Object.entries(FILES)) {
  test(`in Japanese: ${title}`, async () => {
    await writeFile(file, conf)
    const [japanese, english] = [printedIn('ja'), printedIn('en')]
    assert.equal(japanese.result, english.result, japanese.stderr)
    const configuration = (text: string) => text.replace(/^\/\/ \S.*$/gm, '')
    assert.equal(configuration(japanese.stdout), configuration(english.stdout))
    assert.doesNotMatch(english.stdout + english.stderr, PROSE)
    const lines = japanese.stderr.split('\n').filter(line => line !== '' && !PLAIN.test(line))
    assert.notEqual(lines.length, 0)
    assert.deepEqual(
      lines.filter(line => !PROSE.test(line)),
      [],
    )
    const places = (text: string) => text.match(/nginx\.conf:\d+/g)
    assert.deepEqual(places(japanese.stderr), places(english.stderr))
  })
}

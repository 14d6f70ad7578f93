import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { startNginx, withoutNginx, writeNginx } from '../../test/nginx-process.ts'
import { temporaryFolder } from '../../test/temporary-folder.ts'
import { freePort } from '../../testing/command.ts'
import { readNginx } from './from-nginx.ts'

/** Variables that say who asks, by themselves or by maps of maps. */
const MAPS = `map $cookie_a $in { default 0; k 1; } map $http_user_agent $ours { default no; ~OurApp k; }
  map $ours $again { default 0; k k; } map "$http_user_agent:$cookie_a" $both { default ""; ~OurApp k; }
  map $request_uri $key { default 0; "~t=k" k; } map $key $nokey { default 1; k k; } map $request_method $post { default 0; GET $in; }`
const VARIABLES =
  '$v $w $v $w $cookie_a $http_x_key $http_user_agent $remote_addr $arg_t $args $http_referer $in $ours $again $both $key $nokey $post $Cookie_a'
const OPERATORS = '= != ~ !~ ~* !~*'
const COMPARED = 'k 0 1 $cookie_a OPTIONS 00 01 kk "" "OurApp" "^k" "t=k" "OurApp.*k" "^192" "^0"'
const VALUES =
  '0 1 k "" $v $w "$v$w" "$v-k" $cookie_a $http_user_agent "$http_user_agent-k" $in $again $request_uri $args "$ours$v" $http_x_key'
const FILES = ['-f /nowhere', '$request_method = OPTIONS', '-f /nowhere/$cookie_a', '!-f /nowhere/$arg_t']
const ENDS = [
  'return 403;',
  'return 302 /x;',
  'return 204;',
  'return 200 login;',
  'rewrite ^ /denied last;',
  'rewrite ^/ /denied redirect;',
  'break;',
  'proxy_pass http://127.0.0.1:1;',
  'set $v 0; return 403;',
  'add_header Access-Control-Allow-Origin *; return 204;',
  'add_header Access-Control-Allow-Origin *; return 200 login;',
]
const BROWSER = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36'

/** What stands before the `proxy_pass` of a location, at random; a seed repeats it. */
function generate(count: number): string[] {
  let seed = 20_261_201
  const pick = (list: readonly string[]) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
    return list[(seed >> 8) % list.length] ?? ''
  }
  const word = (list: string) => pick(list.split(' '))
  const condition = () =>
    word('f o o o o') === 'f' ? pick(FILES) : `${word(VARIABLES)} ${word(OPERATORS)} ${word(COMPARED)}`
  const set = () => `set ${word('$v $w')} ${word(VALUES)};`
  const one = () =>
    word('s i i') === 's' ? set() : `if (${condition()}) { ${word('s e e') === 's' ? set() : pick(ENDS)} }`
  return Array.from({ length: count }, () => [one(), one(), one()].join(' '))
}

test('an API that Nginx kept from a browser, by whatever set, if and map, is not opened', {
  skip: withoutNginx,
}, async t => {
  const [port, api] = await Promise.all([freePort(), freePort()])
  const all = generate(400)
  const locations = all.map((each, i) => `location /l${i}/ { ${each} proxy_pass http://127.0.0.1:${api}; }`)
  const site = `${MAPS} server { listen 127.0.0.1:${port}; uninitialized_variable_warn off;
    location / { proxy_pass http://127.0.0.1:2; } location = /denied { return 403; } ${locations.join('\n')} }`
  const folder = await temporaryFolder(t)
  const file = await writeNginx(
    folder,
    `${site} server { listen 127.0.0.1:${api}; location / { return 200 api; } }`,
  )
  const nginx = await startNginx(file, Number(port))
  t.after(nginx.stop)
  const own = join(folder, 'site.conf')
  await writeFile(own, site)
  const { config = '' } = readNginx(own, { pages: 'http://127.0.0.1:2' })
  let [closed, open] = [0, 0]
  for (const [i, text] of all.entries()) {
    const answer = await fetch(`http://127.0.0.1:${port}/l${i}/x`, {
      headers: { 'User-Agent': BROWSER },
      redirect: 'manual',
    })
    const isReached = (await answer.text()) === 'api'
    const isOpen = config.includes(`path: '/l${i}'`)
    assert.ok(isReached || !isOpen, `${text} is open`)
    if (!isReached) closed++
    if (isOpen) open++
  }
  assert.ok(closed > 50 && open > 50, `${closed}, ${open}`)
})

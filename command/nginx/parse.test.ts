import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Directive, parseNginx } from './parse.ts'

const remark = (directives: readonly Directive[]): unknown[] =>
  directives.map(({ name, args, block }) => [name, ...args, ...(block ? [remark(block)] : [])])
const parse = (text: string) => remark(parseNginx(text, 'a.conf'))

test('directives, blocks and comments', () => {
  assert.deepEqual(parse('# a {\nserver { # b;\n listen 80;listen [::]:80 ; }\n#'), [
    [
      'server',
      [
        ['listen', '80'],
        ['listen', '[::]:80'],
      ],
    ],
  ])
})

test('a quote keeps what means something elsewhere; backslashes go before quotes alone', () => {
  assert.deepEqual(parse(`a "b; {c} # d" 'e "f"' "g\\"h" i\\"j \\.k;`), [
    ['a', 'b; {c} # d', 'e "f"', 'g"h', 'i"j', '\\.k'],
  ])
})

test('a variable in braces is no block, and # within a word no comment', () => {
  assert.deepEqual(parse(`proxy_pass https://\${name}/user/login\${is_args}$args#x;`), [
    ['proxy_pass', `https://\${name}/user/login\${is_args}$args#x`],
  ])
})

test('a directive may go over several lines', () => {
  assert.deepEqual(parse(`log_format main '$remote_addr'\n  '$status';`), [
    ['log_format', 'main', '$remote_addr', '$status'],
  ])
})

test('what a Lua block says is not read', () => {
  assert.deepEqual(parse('content_by_lua_block {\n if x { y = "}" .. "{" }\n}\nlisten 80;'), [
    ['content_by_lua_block', []],
    ['listen', '80'],
  ])
})

test('a brace in a string or a comment of Lua is none', () => {
  const lua = `if x == "}" then y = '{\\'' end -- it's }
    --[[ } ' ]] z = [=[ } ]] ]=]`
  assert.deepEqual(parse(`access_by_lua_block { ${lua} } listen 80;`), [
    ['access_by_lua_block', []],
    ['listen', '80'],
  ])
})

test('each directive knows its line', () => {
  const [server] = parseNginx('\n\nserver {\n  set $a "b\nc";\n  listen 80;\n}', 'a.conf')
  assert.deepEqual([server?.line, ...(server?.block ?? []).map(each => each.line)], [3, 4, 6])
})

const MISTAKES: [text: string, message: string][] = [
  ['server {\n  listen 80;\n', 'a.conf:3: unexpected end of file: the { of line 1 has no }'],
  ['listen 80;\n}', 'a.conf:2: unexpected "}"'],
  ['server {\n  listen 80\n}', 'a.conf:2: "listen" is not ended by ";"'],
  ['\nlisten 80', 'a.conf:2: "listen" is not ended by ";"'],
  ['listen 80\nserver_name a;', 'a.conf:1: "listen" is not ended by ";"'],
  ['a;\n;', 'a.conf:2: unexpected ";"'],
  ['{ }', 'a.conf:1: unexpected "{"'],
  ['a\n"b;\n', 'a.conf:2: this " has no end'],
  [`a 'b'c;`, `a.conf:1: unexpected "c" after a quote`],
  ['a_by_lua_block {', 'a.conf:1: unexpected end of file: the { of line 1 has no }'],
]
for (const [text, message] of MISTAKES) {
  test(`${JSON.stringify(text)} is a mistake, and is told with its line`, () => {
    assert.throws(() => parseNginx(text, 'a.conf', word => word === 'server_name'), { message })
  })
}

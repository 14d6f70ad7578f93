import { type Framed, list, type Random } from './random.ts'

const CODINGS = list(
  'chunked¦chunked¦Chunked¦\tchunked ¦chunked, chunked¦chunked,¦, chunked¦,¦identity¦gzip¦identity, chunked',
  'gzip, chunked¦chunked, gzip¦chunked, identity¦chunked;q=1¦"chunked"¦x¦¦ ¦chunked\0¦\x0bchunked¦chunked\x0c',
  'xchunked¦chunkedx¦chunke¦chun ked¦chunked\r\n x¦c\xe9hunked¦\nchunked¦chunked\n¦chunked\r¦trailers¦deflate',
  'compress, chunked¦chunked\xa0¦\xa0chunked',
)
const CODING_NAMES = list(
  'Transfer-Encoding:¦Transfer-Encoding:¦Transfer-Encoding: ¦transfer-encoding:¦TRANSFER-ENCODING: ',
  'Transfer-Encoding : ¦ Transfer-Encoding: ¦Transfer_Encoding: ¦Transfer-Encoding\t: ¦Transfer-\xe9ncoding: ',
  'X: y\nTransfer-Encoding: ¦X: y\rTransfer-Encoding: ¦Transfer-Encoding\0: ¦\x0bTransfer-Encoding: ¦Transfer-Encodings: ',
)
const LENGTHS = list(
  '0¦3¦03¦+3¦-3¦-0¦0x3¦3, 3¦3,4¦ 3¦3 ¦3\t¦3;¦3.0¦1e1¦¦ ¦3 3¦"3"¦99999999999999999999¦18446744073709551619',
  '4294967299¦9007199254740993¦2147483648¦130000¦140000¦3\x0b¦\x0c3¦3\0¦\xb3¦3\r\n ¦3\n¦3\r¦three¦NaN¦Infinity',
  '1_0¦00000000000000000000003',
)
const LENGTH_NAMES = list(
  'Content-Length: ¦Content-Length: ¦Content-Length:¦content-length: ¦CONTENT-LENGTH:¦Content-Length : ',
  'Content_Length: ¦ Content-Length: ¦Content-Length\0: ¦Content-Length\t:¦X: y\nContent-Length: ¦Content-\xccength: ',
)
const EXTENSIONS = [
  ...list('¦¦¦;¦;a¦;a=b¦;a="b"¦ ;a=b¦; a = b¦;a="b\r\n"¦;\n¦;\r¦;\0¦ ¦\t¦;\xe9¦;;¦;a=\x7f¦;\x0b¦\n'),
  ...[15_000, 20_000].map(size => `;${'a'.repeat(size)}`),
]
const SIZES = list(
  '0x3¦+3¦-1¦-3¦g¦¦ 3¦3 ¦03¦0000000000000000000003¦ffffffffffffffff¦10000000000000003¦fffffffff¦3\n¦3\r¦3\0¦\xb3',
  '3,¦3.0¦1e1¦"3"¦3 3¦3\x0b¦_3¦100000000',
)
const TRAILERS = [
  ...list(
    '¦¦¦X-Trailer: y\r\n¦Content-Length: 9\r\n¦Transfer-Encoding: x\r\n¦Host: b\r\n¦Authorization: x\r\n¦X\r\n',
    ': y\r\n¦X : y\r\n¦X: y\n¦X: \0\r\n¦ X: y\r\n¦X: y\r\n z\r\n¦\r¦\n¦__proto__: x\r\n¦X-Case: other\r\n',
    'Connection: close\r\n¦GET /user/login/smuggled HTTP/1.1\r\n',
  ),
  'X: y\r\n'.repeat(3000),
  `X: ${'a'.repeat(20_000)}\r\n`,
]
const CHUNKS = [
  ...list(
    '3\r\nabc0\r\n\r\n¦3\r\nabcd\r\n0\r\n\r\n¦3\nabc\n0\n\n¦3\r\nabc\n0\r\n\r\n¦3\r\nabc\r0\r\n\r\n¦0\r\n\n¦3\r\nab',
    '3\r\nabc\r\n¦3\r\nabc\r\n0¦3\r\nabc\r\n0\r\n¦3\r\nabc\r\n00\r\n\r\n¦¦\r\n¦0\r\n\r¦0\n\r\n¦3\r\nabc\r\r\n0\r\n\r\n',
  ),
  `${'1\r\na\r\n'.repeat(5000)}0\r\n\r\n`,
]
/** What a body takes before it is streamed, what it may take at most (its MAX_BODY), and around these. */
const BODY_SIZES = [0, 1, 2, 100, 4095, 65_535, 65_536, 65_537, 100_000, 131_072, 131_073, 200_000]

/** One chunk; `size` in place of the right one, for a liar. */
const chunk = (text: string, extension = '', size = text.length.toString(16)) =>
  `${size}${extension}\r\n${text}\r\n`

const CHUNKED = 'Transfer-Encoding: chunked'
const FINE = `${chunk('abc')}0\r\n\r\n`
const length = (value: string | number) => `Content-Length: ${value}`

type Oddity = (random: Random, hidden: string) => Framed

const LENGTH_ODDITIES: readonly Oddity[] = [
  (random, hidden) => ({
    headers: [random.pick(LENGTH_NAMES) + random.pick(LENGTHS)],
    body: random.pick(['abc', 'abc', `abc${hidden}`, hidden]),
  }),
  random => ({ headers: [length(3), length(random.pick(['3', '4', '0', '+3', '']))], body: 'abc' }),
  (_random, hidden) => ({ headers: [length(3)], body: `abc${hidden}` }),
  (_random, hidden) => ({ headers: [length(3 + hidden.length)], body: `abc${hidden}` }),
  (_random, hidden) => ({ headers: [], body: hidden }),
]

const CODING_ODDITIES: readonly Oddity[] = [
  (random, hidden) => ({
    headers: [random.pick(CODING_NAMES) + random.pick(CODINGS)],
    body: random.pick([FINE, FINE + hidden, hidden]),
  }),
  random => ({
    headers: [`Transfer-Encoding: ${random.pick(CODINGS)}`, `Transfer-Encoding: ${random.pick(CODINGS)}`],
    body: FINE,
  }),
]

const BOTH: readonly Oddity[] = [
  (random, hidden) => {
    const body = `0\r\n\r\n${hidden}`
    return { headers: shuffled(random, [CHUNKED, length(body.length)]), body }
  },
  (random, hidden) => ({
    headers: shuffled(random, [CHUNKED, length(random.pick([0, 3, 4, FINE.length]))]),
    body: FINE + hidden,
  }),
  (random, hidden) => {
    const body = `0\r\n\r\n${hidden}`
    const coding = random.pick(CODING_NAMES) + random.pick(CODINGS)
    return { headers: shuffled(random, [coding, random.pick(LENGTH_NAMES) + body.length]), body }
  },
]

const CHUNK_ODDITIES: readonly Oddity[] = [
  (random, hidden) => {
    const last = `0${random.pick(EXTENSIONS)}\r\n${random.pick(TRAILERS)}\r\n`
    return { headers: [CHUNKED], body: `${chunk('abc', random.pick(EXTENSIONS))}${last}${hidden}` }
  },
  (random, hidden) => ({
    headers: [CHUNKED],
    body: `${chunk('abc', '', random.pick(SIZES))}0\r\n\r\n${hidden}`,
  }),
  random => ({ headers: [CHUNKED], body: random.pick(CHUNKS) }),
]

const SIZE_ODDITIES: readonly Oddity[] = [
  random => {
    const text = 'a'.repeat(random.pick(BODY_SIZES))
    return { headers: [length(text.length)], body: text }
  },
  random => {
    const text = 'a'.repeat(random.pick(BODY_SIZES))
    const size = random.pick([1000, 16_384, 70_000])
    const pieces = text.match(new RegExp(`.{1,${size}}`, 'g')) ?? []
    return { headers: [CHUNKED], body: `${pieces.map(each => chunk(each)).join('')}0\r\n\r\n` }
  },
]

/** @param hidden what stands where a second reader could take it for a request of its own */
export function framing(random: Random, hidden: string): Framed {
  const kinds = [LENGTH_ODDITIES, CODING_ODDITIES, BOTH, CHUNK_ODDITIES, CHUNK_ODDITIES, SIZE_ODDITIES]
  return random.pick(random.pick(kinds))(random, hidden)
}

const shuffled = (random: Random, lines: string[]) => (random.chance(0.5) ? lines : lines.toReversed())

import { autoSize, duration, isServer, listOf, oneOf, quantity, setting, UNITS } from '../kinds.ts'

/** How the API is found and reached, and the bounds in time and memory of what is passed to it. */
export const BACKEND = {
  DNS_SERVERS: setting(
    {
      initial: '',
      accepts: {
        en: 'IP addresses with or without a port, comma separated: 169.254.169.253, 10.0.0.2:53',
        ja: 'IP アドレス（ポートは任意）をカンマ区切りで。例：169.254.169.253, 10.0.0.2:53',
      },
      meaning: {
        en: 'DNS resolvers to ask: `169.254.169.253`, or `10.0.0.2:53`, comma separated. Empty: those of the system',
        ja: '問い合わせ先の DNS リゾルバー。`169.254.169.253` や `10.0.0.2:53` のように、カンマ区切り。空ならシステムの設定',
      },
    },
    text => listOf(text, isServer),
  ),
  DNS_MAX_TTL: setting(
    {
      initial: '3',
      accepts: { en: 'seconds, from 0.1 to 86400: 3 or 3s', ja: '0.1 から 86400 までの秒数。例：3、3s' },
      meaning: {
        en: "maximum time to cache a DNS answer, in seconds; where the answer's own TTL is shorter, it is cached for that TTL",
        ja: 'DNS の応答をキャッシュする最大の秒数。応答の TTL がこれより短ければ TTL に従う',
      },
    },
    text => {
      const ms = quantity('ms', 's', 'm', 'h')(/^[\d.]+$/.test(text) ? `${text}s` : text)
      return ms !== undefined && ms >= 100 && ms <= 24 * UNITS.h ? ms : undefined
    },
  ),
  DNS_FAMILY: oneOf('4', ['4', '6', 'both'], {
    en: 'addresses to ask DNS for: `4` (A), `6` (AAAA) or `both`',
    ja: 'DNS に問い合わせるアドレスの種類：`4`（A）、`6`（AAAA）、`both`（両方）',
  }),
  CONNECT_TIMEOUT: duration('1s', 10, {
    en: 'maximum time to connect to one address (connect timeout), TCP and TLS together; a login has twice as long to reach an address that works (failover)',
    ja: '1 つのアドレスへの接続タイムアウト（TCP と TLS の合計）。ログインはこの 2 倍の時間まで、接続できるアドレスを探す（フェイルオーバー）',
  }),
  BACKEND_TIMEOUT: duration('55s', 10, {
    en: 'maximum time without a byte from the API, then 504; must be below the 60 s of the ALBs on both sides',
    ja: 'API の無応答がこの時間続いたら 504。両側の ALB の 60 秒より短くしておく',
  }),
  MAX_BODY: setting(
    {
      initial: '1mb',
      accepts: { en: 'a size of more than 0, such as 64kb or 1mb', ja: '0 より大きいサイズ。例：64kb、1mb' },
      meaning: {
        en: 'maximum size of the body of a request to the API; a larger one gets 413',
        ja: 'API へのリクエストのボディの上限。超えると 413',
      },
    },
    text => quantity('b', 'kb', 'mb', 'gb')(text) || undefined,
  ),
  MAX_HEADER: setting(
    {
      initial: '64kb',
      accepts: { en: 'a size from 8kb to 256kb, such as 64kb', ja: '8kb から 256kb までのサイズ。例：64kb' },
      meaning: {
        en: 'maximum size of all headers of a request or a response together: a larger request gets 431, a larger response of the API becomes 502',
        ja: 'リクエストまたは応答のヘッダー全体の上限。超えるとリクエストは 431、API の応答は 502',
      },
    },
    text => {
      const bytes = quantity('kb')(text)
      return bytes !== undefined && bytes >= 8 * UNITS.kb && bytes <= 256 * UNITS.kb ? bytes : undefined
    },
  ),
  KEEP_ALIVE_TIMEOUT: duration('75s', 1000, {
    en: 'how long an idle keep-alive connection of a client stays open; must be above the idle timeout of the public ALB',
    ja: 'クライアントの keep-alive 接続を、アイドル状態のまま開いておく時間。パブリック ALB のアイドルタイムアウトより長くする',
  }),
  BODY_MEMORY: autoSize('1mb', ['32mb'], {
    en: "maximum memory for request bodies that are held at once, all together; beyond it a body over 4 KB is streamed to the API, and its request is not retried. `auto`: a sixteenth of the task's memory, 8mb to 512mb",
    ja: '同時に保持するリクエストボディのメモリ使用量の上限（合計）。超えた分のボディのうち 4 KB を超えるものは API へストリーミングし、再送しない。`auto`：タスクのメモリの 16 分の 1、8mb から 512mb まで',
  }),
  MAX_BACKEND_REQUESTS: setting<number | null>(
    {
      initial: 'auto',
      accepts: { en: 'auto, or a number from 1 to 100000', ja: 'auto、または 1 から 100000 までの数' },
      meaning: {
        en: "maximum number of requests under way to the APIs at once, of which one of several APIs takes three quarters at most; one more gets 503 `BACKEND_FULL` (load shedding). `auto`: what an eighth of the task's memory holds, 256 to 8192",
        ja: 'API へ同時に送っているリクエストの上限。API が複数の場合、1 つの API が使えるのはその 4 分の 3 まで。超えたリクエストには 503 `BACKEND_FULL` を返す（ロードシェディング）。`auto`：タスクのメモリの 8 分の 1 に収まる数、256 から 8192 まで',
      },
    },
    text => {
      if (text === 'auto') return null
      return /^[1-9]\d{0,5}$/.test(text) && Number(text) <= 100_000 ? Number(text) : undefined
    },
  ),
  REPLAY: oneOf('on', ['on', 'off'], {
    en: 'retries. `on`: a request is retried where the API cannot have executed it. `off`: no retry once a byte of the request was written to a connection, and no request is sent with `Expect: 100-continue`',
    ja: 'リトライ（再送）。`on`：API がまだ実行していないと確かなリクエストを再送する。`off`：コネクション上で送信を始めたリクエストは決して再送せず、`Expect: 100-continue` による事前確認もしない',
  }),
}

// @ts-check

/**
 * The page in Japanese. English is the key: what the front and these files say is translated as it is shown, and what has no
 * translation (addresses, codes, ids, causes) stays as it is.
 */

/** @type {Readonly<Record<string, string>>} */
const TEXTS = {
  // status.html
  'connecting …': '接続しています…',
  'Connecting …': '接続しています…',
  'How things are': '現在の状態',
  'The last 10 seconds': '直近 10 秒',
  'logins / s': 'ログイン/秒',
  failed: '失敗',
  connections: '接続',
  retried: '再送',
  Addresses: 'アドレス',
  busy: '使用中',
  idle: 'アイドル',
  'Time line': '時系列',
  Span: '期間',
  '5 min': '5 分',
  '15 min': '15 分',
  '1 hour': '1 時間',
  'Logins per second, by result': '1 秒あたりのログイン数（結果別）',
  'How long a login takes, in ms': 'ログインの所要時間（ミリ秒）',
  'Recent events': '最近のイベント',
  'Logins to look at': '確認したいログイン',
  'None yet. Logins are listed here that fail, are retried, take over 1 s, open a connection, or whose client left.':
    'まだありません。失敗、クライアントの離脱、再送、1 秒超、新しい接続のいずれかに当たるログインが並びます。',
  'Page workers': 'ページワーカー',
  'worker (process)': 'ワーカー（プロセス）',
  state: '状態',
  'under way': '処理中',
  memory: 'メモリ',
  ended: '異常終了',
  "Gatehouse's own process serves the pages.": 'ページは Gatehouse 本体のプロセスが配信しています。',
  'Login limits': 'ログイン試行の制限',
  'Settings in force': '有効な設定',
  'Show all': 'すべて表示：',
  'As data:': 'データ：',
  'What to do:': '対処方法：',
  'What to do: the runbook': '対処方法：ランブック',
  runbook: 'ランブック',
  Runbook: 'ランブック',
  'Times are those of': '時刻のタイムゾーン：',
  // status.js
  Fine: '正常',
  Watch: '要注意',
  Failing: '失敗あり',
  'Not live': '更新停止',
  live: '更新中',
  starting: '起動中',
  ready: '稼働中',
  stopping: '停止中',
  'Not live: Gatehouse does not answer this page.': '更新停止：Gatehouse がこのページに応答していません。',
  // headline.ts
  'DNS has not named any address yet: logins get 503.':
    'DNS からまだアドレスを得られていません。ログインは 503 になります。',
  'Stopping: requests in flight are still served.':
    '停止処理中です。処理中のリクエストには最後まで応答します。',
  'Starting: the pages are not ready yet.': '起動処理中です。ページはまだ準備できていません。',
  'No page can be shown: no page worker is ready. Logins are not affected.':
    'ページを表示できません。稼働中のページワーカーがありません。ログインには影響ありません。',
  'DNS gives no answer: the last addresses stay in use.':
    'DNS から応答がありません。最後に得たアドレスを使い続けています。',
  'The store of the login limits cannot be reached: each task counts for itself.':
    'ログイン試行の制限の共有ストアに接続できません。タスクごとに数えています。',
  'Logins are fine; a page worker is not ready.':
    'ログインは正常です。稼働していないページワーカーがあります。',
  'Logins are fine.': 'ログインは正常です。',
  'Ready; no login in the last 30 s.': '稼働中です。直近 30 秒のログインはありません。',
  'Every login fails': 'すべてのログインが失敗しています',
  'Most logins fail': 'ほとんどのログインが失敗しています',
  'A few logins failed': '一部のログインが失敗しました',
  'no address can be reached': '到達できるアドレスがありません',
  'the certificate of the API is refused': 'API の証明書の検証に失敗しました',
  'the backend breaks connections off': 'バックエンドが接続を切断しています',
  'the backend gives answers that cannot be passed on':
    'バックエンドの応答が不正で、クライアントへ渡せません',
  'DNS has not named any address': 'DNS からアドレスを得られていません',
  'the backend does not answer in time': 'バックエンドが時間内に応答しません',
  'the API itself answers with 5xx': 'API 自体が 5xx を返しています',
  'something is wrong in Gatehouse itself': 'Gatehouse 自体に問題があります',
  'see the log': 'ログを確認してください',
  'the limit MAX_BACKEND_REQUESTS is reached: the backend is slow or hangs':
    'MAX_BACKEND_REQUESTS 件のリクエストがバックエンドを待っています。バックエンドが遅いか、応答していません',
  'BODY_MEMORY is full, and LOGIN_LIMIT_ACCOUNT has to read each body':
    'BODY_MEMORY がいっぱいで、LOGIN_LIMIT_ACCOUNT のために読むボディを保持できません',
  // headline-refused.ts
  'LOGIN_LIMIT or LOGIN_LIMIT_ACCOUNT is reached': 'LOGIN_LIMIT または LOGIN_LIMIT_ACCOUNT に達しています',
  'pages send them whose origin is not in ALLOWED_ORIGINS':
    '送信元ページのオリジンが ALLOWED_ORIGINS にありません',
  'their bodies are too large': 'ボディが大きすぎます',
  'their bodies do not arrive in time': 'ボディが時間内に届きません',
  'the API has a rate limit of its own': 'API 自体のレート制限です',
  'their bodies are too large for the API': 'API にはボディが大きすぎます',
  'Clients are turned away: the connection limit is reached.':
    '接続数の上限に達したため、クライアントの接続を拒否しています。',
  'Requests to the API are refused: the limit MAX_BACKEND_REQUESTS is reached.':
    'MAX_BACKEND_REQUESTS の上限に達したため、API へのリクエストを拒否しています。',
  'BODY_MEMORY is full: logins with a body over 4 KB are not retried.':
    'BODY_MEMORY がいっぱいです。4 KB を超えるボディのログインは再送しません。',
  'No address of the backend can be reached.': 'バックエンドに到達できるアドレスがありません。',
  'The certificate of the API is refused.': 'API の証明書の検証に失敗しました。',
  // addresses.js
  'in use': '使用中',
  'missing once': '直近の応答に無し',
  'left DNS: draining': 'DNS から削除：処理中のものは完了を待つ',
  'DNS is being asked': 'DNS に問い合わせています',
  'A literal address or localhost: DNS is not asked':
    'IP アドレスまたは localhost のため、DNS には問い合わせません',
  'cannot be reached': '到達不可',
  'an attempt is under way': '試行中',
  // expectation.ts: Expect: 100-continue
  'not asked yet': '100-continue：未確認',
  'says 100 before it routes': '100-continue：ルーティング前に 100 を返す',
  'refuses Expect: 100-continue with 417': '100-continue：417 で拒否',
  // events.ts
  'DNS answers': 'DNS が応答しました',
  'A login found a dead connection and was retried': '切断済みの接続に当たったログインを再送しました',
  'A connection was turned away: the connection limit is reached':
    '接続数の上限に達したため、接続を拒否しました',
  Starting: '起動処理中',
  'Ready: pages and logins are served': '稼働中：ページとログインに応答しています',
  'Stopping: /readyz says 503, new requests are still served':
    '停止処理中：/readyz は 503、届いたリクエストにはまだ応答します',
  // logins.js, tables.js, chart.js, marks.js
  misrouted: '宛先違い',
  gone: 'クライアント離脱',
  slow: '遅延',
  'new connection': '新しい接続',
  'no answer': '応答なし',
  leaving: '終了処理中',
  limits: '制限',
  off: 'なし',
  'refused by address': 'アドレスによる拒否',
  'refused by account': 'アカウントによる拒否',
  'shared store': '共有ストア',
  none: 'なし',
  connected: '接続中',
  'away: each task counts for itself': '接続不可：タスクごとに集計',
  outages: '接続不可になった回数',
  'failed (5xx)': '失敗 (5xx)',
  'misrouted (404, 405, 415, 421)': '宛先違い (404, 405, 415, 421)',
  'too many (429)': 'レート制限 (429)',
  'refused (4xx)': '拒否 (4xx)',
  'client left': 'クライアント離脱',
  ok: '成功',
  time: '時刻',
  'address added': 'アドレス追加',
  'address left': 'アドレス削除',
  'DNS silent': 'DNS 無応答',
  'page worker': 'ページワーカー',
  'start, stop': '起動・停止',
}

/** @type {readonly (readonly [RegExp, (...found: string[]) => string])[]} */
const PATTERNS = [
  [/^([●◔◌✕▲▼✓◆■○]) (.+)$/, (shape, rest) => `${shape} ${japanese(rest)}`],
  // events.ts, with several backends: an origin, and the name in its certificate where that is another
  [/^(https?:\/\/\S+(?: \(\S+\))?): (.+)$/, (name, rest) => `${name}：${japanese(rest)}`],
  // headline.ts
  [/^1 in (\d+) logins fails$/, count => `${count} 回に 1 回の割合でログインが失敗しています`],
  [
    /^(Every login gets|Most logins get|1 in \d+ logins gets) (\S+) from the backend, which does not mean a wrong password: (.+)$/,
    (many, status) =>
      `${loginsIn(many)}にバックエンドが ${status} を返しています（パスワード誤りの応答ではありません）。BACKEND_ORIGIN、API 側 ALB のホスト・パスルール、BACKEND_PATHS を確認してください。`,
  ],
  // headline-refused.ts
  [
    /^(Every login gets|Most logins get|1 in \d+ logins gets) (\S+) from (the backend|Gatehouse itself): (.+)\.$/,
    (many, status, by, why) =>
      `${loginsIn(many)}に${by === 'the backend' ? 'バックエンド' : ' Gatehouse '}が ${status} を返しています：${japanese(why)}。`,
  ],
  [
    /^(\d+) of (\d+) connections are open\. (.+)$/,
    (some, most, rest) => `接続 ${most} 本中 ${some} 本を使用中。${japanese(rest)}`,
  ],
  [
    /^(\d+) of (\d+) are under way\. (.+)$/,
    (some, most, rest) => `${most} 件中 ${some} 件を処理中。${japanese(rest)}`,
  ],
  [
    /^(\d+) of (\d+) KB are held\. (.+)$/,
    (some, most, rest) => `${most} KB 中 ${some} KB を保持中。${japanese(rest)}`,
  ],
  // headline-others.ts
  [
    /^(?:(Every|Most)|1 in (\d+)) (calls? of|requests? to|WebSockets? to|pages?)\b.* fails?\.$/,
    (all, count, noun = '') => {
      const what = OTHERS[noun.replace(/s(?=$| )/, '')] ?? noun
      if (count) return `${what}が ${count} 回に 1 回の割合で失敗しています。`
      return all === 'Every' ? `${what}がすべて失敗しています。` : `${what}のほとんどが失敗しています。`
    },
  ],
  [
    /^(.+ logins? fails?|A few logins failed): (.+)\.$/,
    (what, why) => `${japanese(what)}：${japanese(why)}。`,
  ],
  [
    /^(\d+) of (\d+) in the last 30 s\. (.+)$/,
    (some, all, rest) => `直近 30 秒で ${all} 件中 ${some} 件。${japanese(rest)}`,
  ],
  [/^\/readyz says 503\. (.+)$/, rest => `/readyz は 503。${japanese(rest)}`],
  [/^(\d+) of (\d+)\. (.+)$/, (some, all, rest) => `${all} 個中 ${some} 個。${japanese(rest)}`],
  [/^(\d+) address(?:es)?\.$/, count => `アドレス ${count} 件。`],
  [
    /^(\d+) address(?:es)?, DNS answered (.+) ago\.$/,
    (count, age) => `アドレス ${count} 件、DNS の応答は ${span(age)}前。`,
  ],
  [
    /^(\d+) address(?:es)?, DNS silent for (.+)\.$/,
    (count, age) => `アドレス ${count} 件、DNS は ${span(age)}応答なし。`,
  ],
  [
    /^DNS has not named any address of (.+): requests to it get 503\.$/,
    name => `DNS から ${name} のアドレスをまだ得られていません。そこへのリクエストは 503 になります。`,
  ],
  [
    /^DNS gives no answer for (.+): the last addresses stay in use\.$/,
    name => `${name} について DNS から応答がありません。最後に得たアドレスを使い続けています。`,
  ],
  [/^Logins are not affected\. (.+)$/, rest => `ログインには影響ありません。${japanese(rest)}`],
  [
    /^Logins are fine; (\d+) of (\d+) address(?:es)? cannot be reached\.$/,
    (some, all) => `ログインは正常です。アドレス ${all} 件のうち ${some} 件に到達できません。`,
  ],
  [
    /^(.+); retried in the background\. (.+)$/,
    (causes, rest) => `${causes}。再試行を続けています。${japanese(rest)}`,
  ],
  [/^(.+)\. (\d+ address(?:es)?(?:, DNS .+)?\.)$/, (causes, rest) => `${causes}。${japanese(rest)}`],
  [
    /^(.+); this has lasted (\d+ \S+)\. (\d+) address(?:es)? in use\.$/,
    (cause, age, count) => `${cause}、${span(age)}継続。アドレス ${count} 件を使用中。`,
  ],
  // status.js
  [/^up (.+)$/, age => `稼働時間 ${span(age)}`],
  [/^not live since (.+)$/, since => `${moment(since)}から更新停止`],
  [
    /^Below is how it was at (.+)\. Trying again\.$/,
    since => `以下は${moment(since)}時点の状態です。再接続しています。`,
  ],
  // addresses.js
  [
    /^Left DNS within 5 minutes, no connection open: (.*)$/,
    list => `5 分以内に DNS から削除、接続なし：${list}`,
  ],
  [/^DNS has never answered: (.+)$/, reason => `DNS が一度も応答していません：${reason}`],
  [
    /^DNS gives no answer \((.+)\)\. The last one is (\S+) s old, its TTL was (\S+) s$/,
    (reason, age, ttl) => `DNS から応答がありません（${reason}）。最後の応答は ${age} 秒前、TTL は ${ttl} 秒`,
  ],
  [
    /^DNS answer(?: for (\S+))? (\S+) s old, cached for (\S+) s(?: \(its TTL: (\S+) s\))?$/,
    (name, age, believed, ttl) =>
      `${name ? `${name} の ` : ''}DNS の応答：${age} 秒前、キャッシュ ${believed} 秒${ttl ? `（TTL は ${ttl} 秒）` : ''}`,
  ],
  [/^From (\S+): DNS is not asked$/, file => `${file} による指定のため、DNS には問い合わせません`],
  [
    /^cannot be reached for (\d+) s, (?:next attempt within (\d+) s|an attempt is under way): (.+)$/,
    (seconds, next, error) =>
      `${seconds} 秒間到達不可、${next ? `${next} 秒以内に再試行` : '試行中'}：${error}`,
  ],
  [
    /^(\d+) busy, (\d+) idle(?:, (\d+) unused)?$/,
    (busy, idle, unused) => `使用中 ${busy}、アイドル ${idle}${unused ? `、未使用 ${unused}` : ''}`,
  ],
  [
    /^answers (\d+) without a 100: it says 100 at most when a handler reads the body$/,
    status =>
      `100-continue：100 を返さず ${status} で応答（ハンドラーがボディを読むときにだけ 100 を返す可能性）`,
  ],
  [/^says no 100: (.+)$/, cause => `100-continue：100 を返さない（${cause}）`],
  [/^could not be asked: (.+)$/, cause => `100-continue：確認できず（${cause}）`],
  [/^(\d+) in place of 100$/, status => `100-continue：100 を返さずログインに ${status} で応答`],
  // events.ts
  [/^(.+) (?:is|are) new in DNS$/, list => `${addresses(list)} が DNS に追加されました`],
  [/^(.+) left DNS$/, list => `${addresses(list)} が DNS から削除されました`],
  [
    /^(.+) left DNS: (.+)$/,
    (list, become) => `${addresses(list)} が DNS から削除されました：${connections(become)}`,
  ],
  [
    /^DNS gives no answer \((.+)\): the last addresses stay$/,
    code => `DNS から応答がありません（${code}）。最後に得たアドレスを使い続けます`,
  ],
  [/^DNS has never answered \((.+)\)$/, code => `DNS が一度も応答していません（${code}）`],
  [/^(\S+) cannot be reached \((.+)\)$/, (address, code) => `${address} に到達できません（${code}）`],
  [/^Page worker (\d+) ended by itself$/, worker => `ページワーカー ${worker} が異常終了しました`],
  [
    /^Page worker (\d+) serves again \(process (\d+)\)$/,
    (worker, pid) => `ページワーカー ${worker} が復帰しました（プロセス ${pid}）`,
  ],
  [
    /^Page worker (\d+) ended by itself and was started again \(process (\d+)\)$/,
    (worker, pid) => `ページワーカー ${worker} が異常終了し、再起動されました（プロセス ${pid}）`,
  ],
  [
    /^Page worker (\d+) was replaced gracefully \(process (\d+)\)$/,
    (worker, pid) =>
      `ページワーカー ${worker} が、処理中のリクエストを終えてから交代しました（プロセス ${pid}）`,
  ],
  [/^, (\d+) times$/, times => `、${times} 回`],
  [/^(\d+) times$/, times => `${times} 回`],
  [/^(\d+) attempts$/, attempts => `試行 ${attempts} 回`],
  // chart.js
  [
    /^In the last (\d+) min: (\S+) logins?, ([\d,]+) failed(?:, ([\d,]+) misrouted)?(?:; the slowest p99 was (.+) at (.+))?\.$/,
    (minutes, all, failed, lost, slowest, at) =>
      `直近 ${minutes} 分：ログイン ${all} 件、失敗 ${failed} 件${lost ? `、宛先違い ${lost} 件` : ''}${slowest ? `。p99 の最大値は ${at} の ${slowest}` : ''}。`,
  ],
]

/** @type {Readonly<Record<string, string>>} */
const OTHERS = {
  'call of': 'ページから API への呼び出し',
  'request to': 'ログイン以外の API へのリクエスト',
  'WebSocket to': 'API への WebSocket 接続',
  page: 'ページ',
}
/** @type {Readonly<Record<string, string>>} */
const MANY = { 'Every login gets': 'すべてのログイン', 'Most logins get': 'ほとんどのログイン' }
/** @param {string} many */
const loginsIn = many => MANY[many] ?? `${/\d+ (?=logins)/.exec(many)?.[0] ?? ''}回に 1 回のログイン`
/** @type {Readonly<Record<string, string>>} */
const UNITS = { s: '秒', min: '分', h: '時間', days: '日' }

/** @param {string} text 12 s, 3 min */
const span = text => text.replace(/(?<=\d) (\w+)$/, (_whole, unit) => ` ${UNITS[unit] ?? unit}`)
/** @param {string} text */
const moment = text => (text === 'the start' ? '開始時' : ` ${text} `)
/** @param {string} text */
const addresses = text => text.replace(/ and (\d+) more$/, ' ほか $1 件')
/** @param {string} text */
const connections = text =>
  text
    .replace(/(\d+) idle connections? closed/, 'アイドルの接続 $1 本を閉じました')
    .replace(/, (?=\d+ busy)/, '、')
    .replace(/(\d+) busy finish(es)?/, '使用中の $1 本は完了を待ちます')

/**
 * @param {string} text what the page would say in English
 * @returns {string}
 */
export function japanese(text) {
  const known = TEXTS[text]
  if (known !== undefined) return known
  for (const separator of [' · ', '  ']) {
    if (text.includes(separator)) return text.split(separator).map(japanese).join(separator)
  }
  for (const [pattern, say] of PATTERNS) {
    const found = pattern.exec(text)
    if (found) return say(...found.slice(1))
  }
  return text
}

/** Whether the front found that the browser asks for Japanese; a test of this file has no document. */
const isJapanese = globalThis.document?.documentElement.lang === 'ja'

/** @param {string} text */
export const translate = text => (isJapanese ? japanese(text) : text)

/** The texts of status.html, in place. */
export function translatePage() {
  if (!isJapanese) return
  const nodes = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = nodes.nextNode(); node; node = nodes.nextNode()) {
    const text = node.textContent?.trim() ?? ''
    if (text !== '') node.textContent = (node.textContent ?? '').replace(text, () => japanese(text))
  }
  for (const labelled of document.querySelectorAll('[aria-label]'))
    labelled.ariaLabel = japanese(labelled.ariaLabel ?? '')
}

import type { CertificateFacts, Texts } from './english.ts'

const RIGHT_RESOLVER =
  'DNS_SERVERS に、このネットワークのリゾルバーを設定してください（VPC では 169.254.169.253）'
const NO_LOGIN =
  '空のログインにだけこう答える API でなければ、すべてのログインがこの応答になります。BACKEND_ORIGIN のホストは正しいか、ALB のリスナーにそのホストとパスのルールがあるか、BACKEND_PATHS がログインのパスかを確認してください。'
const trust = (file: string | undefined) =>
  file
    ? `NODE_EXTRA_CA_CERTS は ${file} です。このファイルに含まれているか確認してください`
    : 'それを含むファイル（PEM）を NODE_EXTRA_CA_CERTS=/path/to/ca.pem のように指定してください'
const named = ({ names, more }: CertificateFacts) =>
  names.length === 0 ? '名前なし' : names.join('、') + (more > 0 ? ` ほか ${more} 件` : '')

export const japanese: Texts = {
  report: {
    title: (backend, time) =>
      `Gatehouse の診断結果：${backend ?? 'バックエンド未設定'}（このマシンから、${time}）`,
    results: { ok: '正常', warning: '警告', wrong: '異常', skipped: '省略' },
    well: 'すべて正常です。',
    warned: warnings => `異常はありませんが、警告が ${warnings} 件あります。→ の行に対処を示しています。`,
    wrong: (checks, warnings) =>
      `異常：${checks}${warnings === 0 ? '' : `、警告 ${warnings} 件`}。→ の行に対処を示しています。`,
  },
  skipped: {
    mistakes: '設定に間違いがあるため',
    noAddress: 'アドレスがないため',
    noConnection: '接続できるアドレスがないため',
    certificate: '証明書が正しくない相手には何も送らないため',
    plain: '平文の HTTP に証明書はないため',
    noResolver: '応答するリゾルバーがないため',
    noAnswer: 'リクエストに応答がなかったため',
    replayOff: 'REPLAY が off のため',
    noDate: 'バックエンドが Date を送らないため',
  },
  settings: {
    good: count => `${count} 件を設定、間違いなし`,
    also: names => `ほかに設定済み：${names}`,
    routes: file =>
      `${file} のルート（以下の BACKEND_ORIGIN と BACKEND_PATHS は、ルートの \`to\` と \`path\` に読み替えてください）：`,
    mistakes: count => `間違い ${count} 件`,
    noOrigin: 'BACKEND_ORIGIN に API の場所を設定してください（例：BACKEND_ORIGIN=https://api.dev.jp）。',
    explained:
      '設定はタスクの環境変数です。`npx gatehouse config`（コンテナの中では `node dist/front.mjs config`）でそれぞれの説明を表示できます。',
    extraCa: (file, isRead) => ({
      says: `NODE_EXTRA_CA_CERTS は ${file}：${isRead ? 'PEM 形式の証明書が含まれていません' : 'このファイルを読み取れません'}`,
      todo: 'プライベート CA の証明書を PEM 形式で置くか、NODE_EXTRA_CA_CERTS を外してください。Node はこのようなファイルを無視します。',
    }),
    unverified: {
      says: 'NODE_TLS_REJECT_UNAUTHORIZED が 0：ページからの接続では証明書が検証されません（API の証明書は Gatehouse が常に検証します）',
      todo: 'この変数を外してください。プライベート CA は NODE_EXTRA_CA_CERTS で信頼できます。',
    },
  },
  dns: {
    systems: 'システムの設定',
    answers: (resolver, time) => `${resolver}：${time} で応答`,
    fails: (resolver, failure) => `${resolver}：${failure}`,
    another: isOwn =>
      `別のリゾルバーが応答するので、ログインは続けられます。ただし、このリゾルバーにも問い合わせる間、DNS が遅くなります。${isOwn ? 'DNS_SERVERS から外す' : 'システムのリゾルバーから外す、DNS_SERVERS を設定する'}、または復旧させてください。`,
    refused: {
      says: '到達できません。何も待ち受けていないか、経路がありません',
      todo: `${RIGHT_RESOLVER}。`,
    },
    silent: time => ({
      says: `無応答：${time} 待っても応答なし`,
      todo: `${RIGHT_RESOLVER}。設定済みなら、UDP と TCP の 53 番ポートへの通信を許可してください（ネットワーク ACL、セキュリティグループ）。`,
    }),
    servfail: name => ({
      says: `SERVFAIL を返しています。${name} を解決できませんでした`,
      todo: '到達できますが、リゾルバー自身の名前解決が失敗しています。この名前のゾーン、その委任、転送ルールを確認してください。',
    }),
    denied: {
      says: 'このマシンへの応答を拒否しています',
      todo: `${RIGHT_RESOLVER}。または、そのリゾルバーでこのネットワークからの問い合わせを許可してください。`,
    },
    other: cause => ({
      says: `問い合わせできません：${cause}`,
      todo: 'DNS_SERVERS が、このマシンから到達できるリゾルバーかどうかを確認してください。',
    }),
    inFile: (file, name) => `${file} に ${name} があるため、DNS には問い合わせません`,
    notNeeded: name => `${name} に DNS は不要です`,
    fromFile: (addresses, file) => `${addresses}（${file} による）`,
    literal: addresses => `${addresses}（DNS は不要）`,
    otherFamilyInFile: (file, addresses, family) =>
      `${file} には ${addresses} しかなく、DNS_FAMILY は ${family} です`,
    notInFile: file => `${file} にもありません`,
    found: (name, found, count, ttl, cached) =>
      `${name}${found ? ` は検索リストにより ${found}` : ''}：アドレス ${count} 件、TTL ${ttl} 秒${cached === undefined ? '' : `、キャッシュは ${cached} 秒（DNS_MAX_TTL）`}`,
    ignorant: servers => `${servers} はこの名前を解決できません`,
    disagree:
      'リゾルバーによって応答が異なり、Gatehouse は先に得た応答を使います。解決できないリゾルバーを DNS_SERVERS から外してください。',
    otherFamily: (name, other, family) => ({
      says: `${name} には IPv${other} アドレスしかなく、DNS_FAMILY は ${family} です`,
      todo: `DNS_FAMILY=${other} または DNS_FAMILY=both を設定してください。`,
    }),
    unknown: (names, servers, file) => ({
      says: `${servers} によると、${names} は存在しないか、アドレスがありません。${file}`,
      todo: 'BACKEND_ORIGIN の綴りを確認してください。プライベートホストゾーンの名前は、ゾーンに関連付けた VPC のリゾルバーでしか解決できません。DNS_SERVERS がそのリゾルバーかどうかを確認してください。',
    }),
  },
  connection: {
    good: (at, tcp, secured) => `${at}：TCP ${tcp}${secured === undefined ? '' : `、${secured}`}`,
    tls: (protocol, time) => `${protocol} ${time}`,
    slow: (says, patience) => ({
      says: `${says}：CONNECT_TIMEOUT（${patience}）を超えるため、ログインは届きません`,
      todo: '経路が遅い原因（このタスクの CPU、別のリージョン、ピアリング）を調べるか、CONNECT_TIMEOUT を長くしてください。',
    }),
    another: 'ログインは、正常なほかのアドレスに送られます（フェイルオーバー）。',
    badCertificate: (at, protocol) => `${at}：TCP、${protocol}。証明書は拒否されました（下記）`,
    plain: (at, port) => ({
      says: `${at} は平文の HTTP ですが、BACKEND_ORIGIN は https です`,
      todo: `BACKEND_ORIGIN を ALB の HTTPS リスナーのポートにする（443 なら省略可）か、このリスナーを HTTPS にしてください。パスワードを暗号化せずに送ってよい場合に限り、ポート ${port} で BACKEND_ORIGIN=http://… とします。`,
    }),
    refused: (at, port) => ({
      says: `${at} が接続を拒否しました。このポートで何も待ち受けていません`,
      todo: `BACKEND_ORIGIN のポートと、ALB に ${port} のリスナーがあるかを確認してください。`,
    }),
    dropped: (at, port, waited) => ({
      says: `${at} が応答しません。パケットが破棄されています（${waited} 待機）`,
      todo: `ポート ${port} の通信を許可してください。ALB のセキュリティグループはこのタスクのグループからのインバウンドを、このタスクのグループはアウトバウンドを許可する必要があります。続いて、ネットワーク ACL とサブネット間の経路を確認してください。`,
    }),
    noRoute: (at, cause) => ({
      says: `${at} にはこのマシンから到達できません：${cause}`,
      todo: '経路がありません。ルートテーブルと、IPv6 のないネットワークなら DNS_FAMILY を確認してください。',
    }),
    noTls: (at, waited) => ({
      says: `${at} は接続を受け付けますが、TLS に応答しません（${waited} 待機）`,
      todo: '待ち受けているプロセスが停止しているか、HTTPS のリスナーではありません。BACKEND_ORIGIN のポートと、その先にあるものを確認してください。',
    }),
    reset: at => ({
      says: `${at} は接続を受け付けますが、TLS の途中で切断します`,
      todo: '待ち受けている相手が TLS に対応していないか、この名前を受け付けません。BACKEND_ORIGIN のポートと、その先にあるものを確認してください。',
    }),
    tlsFails: (at, cause) => ({
      says: `${at}：TLS に失敗しました：${cause}`,
      todo: 'リスナーのセキュリティポリシーに TLS 1.2 または 1.3 があるか、クライアント証明書を要求していないかを確認してください。',
    }),
  },
  certificate: {
    none: {
      says: '証明書がありません',
      todo: '何が待ち受けているかを調べてください。HTTPS のリスナーには証明書があります。',
    },
    facts: facts =>
      `${named(facts)}。発行者：${facts.issuer ?? '記載なし'}。期限：${facts.end}（${facts.daysLeft < 0 ? '期限切れ' : `残り ${facts.daysLeft} 日`}）`,
    endsSoon:
      'まもなく期限が切れ、その後はすべてのログインが失敗します。更新されるか確認してください（ACM は、検証用の DNS レコードがある限り自動で更新します）。',
    otherName: (facts, name) => ({
      says: `${name} ではなく、${named(facts)} の証明書です`,
      todo: `ALB のリスナーに ${name} の証明書を設定するか、証明書の名前を BACKEND_ORIGIN に設定してください。複数あるアドレスの 1 つだけなら、そのアドレスは別の利用者のものになり、DNS にまだ残っています。`,
    }),
    expired: at => ({
      says: `${at} に期限が切れています`,
      todo: '更新してください（ACM なら、更新が失敗した理由を調べてください）。このマシンの時計も確認してください。',
    }),
    notYet: from => ({
      says: `${from} まで有効になりません`,
      todo: 'このマシンの時計を確認してください。遅れている可能性があります。',
    }),
    selfSigned: extraCa => ({
      says: '自己署名証明書で、このマシンでは信頼されていません',
      todo: `リスナーに CA（ACM、またはプライベート CA）の証明書を設定してください。この証明書自体を信頼する場合：${trust(extraCa)}。`,
    }),
    unknownCa: (issuer, extraCa) => ({
      says: `このマシンで信頼されていない CA の証明書です：${issuer ?? '記載なし'}`,
      todo: `プライベート CA なら、その CA 自身の証明書が必要です。${trust(extraCa)}。パブリック CA なら、バックエンドが中間証明書を送っていません。バックエンドに追加してください。`,
    }),
    unverified: code => ({
      says: `証明書チェーンを検証できません：${code}`,
      todo: '証明書とその上位の証明書を、発行元に確認してもらってください。',
    }),
  },
  request: {
    head: (path, address, answer) => `${address} への HEAD ${path}：${answer}`,
    post: (path, answer) => `ユーザー名とパスワードなしの POST ${path}：${answer}`,
    status: (status, time) => `${status}、${time}`,
    redirected: (says, origin) => `${says}、${origin} へ`,
    noAnswerWithin: time => `${time} 以内に応答なし`,
    tls: (at, origin) => ({
      says: `${at} は TLS ですが、BACKEND_ORIGIN は http です`,
      todo: `BACKEND_ORIGIN=${origin} を設定してください。`,
    }),
    noAnswer: '接続はできますが、API が応答しません。ALB のターゲットと、API 自身のログを確認してください。',
    serverError: status =>
      `HTTP の通信は成立しています。${status} はバックエンド自身の応答です。ALB のターゲットのヘルスと、API のログを確認してください。`,
    wantsHttps:
      'バックエンドが HTTPS を要求しており、ログインはリダイレクトされます。BACKEND_ORIGIN をそのオリジンにしてください。',
    noAnswerToPost:
      'HEAD には応答し、POST には応答しません。API のログと、間にあるもの（ファイアウォール、WAF）を確認してください。',
    elsewhere:
      'ログインが別のホストへ送られます。意図した構成（シングルサインオン）でなければ、ALB のルールと、BACKEND_ORIGIN が正しいかを確認してください。',
    noLogin: NO_LOGIN,
    defaultRule: `API ではなく、ALB のデフォルトルールか WAF の応答と考えられます。その場合、API にログインは届きません。${NO_LOGIN}`,
    asExpected: says => `${says}（API として通常の応答）`,
    reaction(address, reaction) {
      switch (reaction.does) {
        case 'continues':
          return `${address}：ルーティングの前に 100 を返す`
        case 'answers':
          return reaction.status === 417
            ? `${address}：Expect: 100-continue を 417 で拒否`
            : `${address}：100 を返さずに ${reaction.status} で応答（ハンドラーがボディを読むときにだけ 100 を返す可能性がある）`
        case 'nothing':
          return `${address}：100 を返さない：${reaction.cause}`
        case 'unreachable':
          return `${address}：確認できない：${reaction.cause}`
      }
    },
    noContinue:
      'これによってログインが失われたり二重に実行されたりすることはありませんが、ログインのたびに新しい接続を使います。間にあるもの（プロキシ、WAF）と、Expect: 100-continue を受け付けない理由を調べてください。REPLAY=off にすると事前確認をしなくなり、アイドル状態の接続が閉じられる瞬間に当たったログインは失敗します。',
    sameClock: 'バックエンドの時計と約 1 秒以内で一致',
    otherClock: (time, isAhead) => `バックエンドの時計より ${time} ${isAhead ? '進んでいる' : '遅れている'}`,
    wrongClock:
      '証明書と Cookie の期限は時計に従います。どちらが誤っているかを調べ、NTP（AWS では 169.254.169.123）で合わせてください。',
  },
  collector: {
    answer: (url, answer) => `POST ${url}：${answer}`,
    withoutHeaders: says => `${says}（OTEL_EXPORTER_OTLP_HEADERS なしで送信）`,
    noReceiver: origin =>
      `応答はありますが、トレースを受け付けません。${origin} がコレクターの OTLP/HTTP レシーバー（通常はポート 4318）かどうかを確認してください。`,
    away: 'スパンは届きません。ログインには影響しません。コレクターが動いているか、OTEL_EXPORTER_OTLP_ENDPOINT が HTTP のポート（4318。gRPC は 4317）か、セキュリティグループがこのタスクからの通信を許可しているかを確認してください。OTEL_SDK_DISABLED=true でトレースを無効にできます。',
  },
}

import type { english } from './english.ts'

export const japanese: typeof english = {
  remarks: {
    absolute_redirect: 'Next.js 自身のリダイレクト先は、パスだけになります',
    access_log: 'リクエストごとに JSON を 1 行、標準出力に出力します',
    allow:
      'アクセス制限です。対象が API の location なら、出力から除き、別に示しています。それ以外は、セキュリティグループ、AWS WAF、アプリのいずれかで制限してください',
    charset: 'ページには Next.js が付けます',
    default_type: 'ファイル名から決まります',
    error_log: '標準出力に JSON を 1 行ずつ出力します。出力するレベルは LOG_LEVEL で指定します',
    error_page:
      'API 自身のエラーはそのまま渡します。Gatehouse のエラーは JSON、ブラウザーには簡単なページです',
    etag: '静的ファイルには付きます',
    expires: 'ビルドが内容から名前を付けたファイルは 1 年、そのほかは毎回確認されます',
    fastcgi_param: '引き継がれないプロトコルのものです',
    gzip: '静的ファイルはビルド時に、ページは Next.js が圧縮します。API の応答はそのまま渡します',
    http2: 'HTTP/2 と TLS はパブリック ALB で終端します',
    if: '引き継がれません。ルートに条件はないため、API では API 自身で対応してください。ページでは next.config の redirects() または proxy.ts で条件を指定できます',
    ignore_invalid_headers: '不正なヘッダーは拒否します（docs/requests.md）',
    include: 'このファイルがないため、内容を読み取れません。`nginx -T` の出力を渡してください',
    index: 'フォルダーには、ファイルではなくページが応答します',
    keepalive: 'バックエンドへの接続はコネクションプールで再利用し、アドレスは DNS に追従します',
    keepalive_requests: '制限はありません',
    limit_conn:
      '接続数は合計 8192（ファイルディスクリプターが少なければ、その範囲内）です。細かい制限は、パブリック ALB または AWS WAF で行えます',
    limit_rate: '応答の速度は制限しません',
    limit_req_status: '429 です',
    map: 'この変数の値は追いません。使っている箇所を別に示します',
    merge_slashes: '連続するスラッシュは 1 つとみなして照合します',
    mirror: 'リクエストの複製は送りません',
    more_set_headers:
      'ページのヘッダーは next.config の headers() で、API の応答のヘッダーはルートの responseHeaders で付けます',
    proxy_bind: 'バックエンドから見えるのは、タスクのアドレスです',
    proxy_buffering: '応答は届いた分から渡します',
    proxy_cache:
      'API の応答はキャッシュしません。ページは Next.js が、静的ファイルは Gatehouse がキャッシュします',
    proxy_http_version: 'HTTP/1.1 です',
    proxy_method: '引き継がれません。メソッド、ヘッダー、ボディは、受け取ったまま送ります',
    proxy_next_upstream_tries: 'CONNECT_TIMEOUT の 2 倍の時間まで、アドレスに順に接続します',
    proxy_pass_header: 'API のヘッダーはそのまま渡します',
    proxy_request_buffering:
      '小さいログインのボディは、バックエンドに送る前に読み終えます。大きいボディは、届いた分から送ります',
    proxy_send_timeout: 'BACKEND_TIMEOUT です。どちらかの方向に最後に流れたバイトから数えます',
    proxy_ssl_certificate: 'Gatehouse は、バックエンドにクライアント証明書を提示しません',
    proxy_ssl_ciphers: 'Node の既定です',
    proxy_ssl_verify_depth: '証明書チェーン全体を検証します',
    proxy_store: 'ディスクには何も書き込みません',
    real_ip_recursive: '信頼しない最後のアドレスを、クライアントのアドレスとします',
    resolver_timeout: 'DNS にはバックグラウンドで問い合わせるため、ログインは DNS を待ちません',
    rewrite: '引き継がれません。ページには next.config の rewrites() または redirects() を使ってください',
    root: 'Gatehouse が配信するのは、ビルドと public/ のファイルだけです',
    sendfile: 'Nginx 自身の設定です',
    server_name: 'どの名前でも応答します。限定するなら、パブリック ALB のルールで行えます',
    server_tokens:
      "Gatehouse 自身は Server ヘッダーを付けません。API の Server はそのまま渡します（responseHeaders: { Server: '' } で消せます）",
    set: '使っている箇所で値に置き換えました',
    ssl_certificate:
      'TLS はパブリック ALB で終端します。証明書は ALB の HTTPS リスナーに設定し、ターゲットグループは HTTP にします',
    stream: 'Gatehouse が扱うのは HTTP だけです。そのほかは Network Load Balancer を使ってください',
    stub_status: 'ADMIN_PORT の /metrics とステータスページです',
    sub_filter: '応答の内容は書き換えません',
    tcp_nodelay: '常に有効です',
    try_files: 'ビルドまたは public/ にファイルがあれば、ページより優先します',
    underscores_in_headers: '名前にアンダースコアを含むヘッダーは渡しません',
    upstream: '使っている箇所で値に置き換えました。リクエストは、名前が持つ複数のアドレスに分散されます',
    worker_processes:
      'PAGE_WORKERS で指定した数のプロセスがページをレンダリングし、そのほかは 1 つのプロセスが処理します',
  },
  unknown: '未対応のディレクティブです',
  setArgs: 'クエリ文字列は受け取ったまま渡します',
  notUnderstood: '値を解釈できません',
  isDefault: 'Nginx の既定値で、Gatehouse も同じ動作です',
  accel: 'Gatehouse は X-Accel-* を API の応答から取り除きます。Nginx のためのヘッダーです',
  noSuchFile: names =>
    `Nginx は先にファイル ${names} を探していました。そのファイルは存在しないものとして扱います`,
  nothingKept: 'proxy_cache がないため、何もキャッシュされていません',
  types: 'このファイルはありませんが、タイプはファイル名から決まります',
  listen: {
    ssl: 'TLS はパブリック ALB で終端し、ターゲットグループのプロトコルは HTTP です。Gatehouse は PORT（既定は 4000）で、平文の HTTP を待ち受けます',
    http2: 'HTTP/2 はパブリック ALB で終端します',
    quic: 'ALB の背後のタスクでは、HTTP/3 は使えません',
    proxy_protocol:
      'PROXY プロトコルで始まるリクエストは 400 になります。ロードバランサー側で無効にしてください。クライアントのアドレスは、ALB が送る X-Forwarded-For から読み取ります',
    port: 'Gatehouse はポートで待ち受けます',
    onePort: '公開ポートは 1 つです',
  },
  headers: {
    always: '常に有効です',
    noUpgrade: '本番の Next.js に WebSocket はないため、ページに Upgrade は不要です',
    pages: 'ページにも届きます',
    addsNone:
      '引き継がれません。Gatehouse は、ページへのリクエストにヘッダーを追加しません。アプリの proxy.ts で追加できます',
    publicOrigin: 'PUBLIC_ORIGIN に従います',
    fixedProto: value =>
      `Nginx は常に ${value} を送っていました。Gatehouse は、TRUSTED_PROXIES に含まれる送信元の X-Forwarded-Proto に従い、なければ http とします。サイトを PUBLIC_ORIGIN=${value}://… と設定すれば常にその値になります（--public-origin）`,
    scheme:
      'Nginx は自身のリスナーのスキームを送っていました。Gatehouse はクライアントが使ったスキームを送ります（TRUSTED_PROXIES に含まれる送信元の X-Forwarded-Proto に従います）',
    login: 'ログインでは WebSocket を使えません',
    socket: 'API への WebSocket は転送します',
    halfSocket:
      'Nginx は WebSocket を転送していませんでした（Upgrade と Connection の両方が必要です）。ルートは upgrade: false になります',
    port: 'Nginx は自身のリスナーのポートを送っていました。Gatehouse はクライアントが使ったポートを送ります',
    ofAnotherHeader: value =>
      `引き継がれません。Nginx は ${value} を送っていました。Gatehouse は、X-Forwarded-For または CLIENT_ADDRESS_HEADER で指定したヘッダーから得たクライアントのアドレスを送ります`,
    forwardedFor: '送信元が TRUSTED_PROXIES に含まれていれば追記し、含まれていなければ置き換えます',
    realIp:
      'Nginx はパブリック ALB のアドレスを送っていました。Gatehouse は X-Forwarded-For に従い、クライアントのアドレスを送ります',
    realIpAlone: 'X-Forwarded-For から得たクライアントのアドレスだけを送ります',
    passedOn: 'そのまま渡します',
    own: '引き継がれません。このヘッダーは Gatehouse が自分で書きます',
    variable: isRemoved =>
      `引き継がれません。値に変数が含まれていますが、ルートのヘッダーは固定値だけです。クライアントが送った同名のヘッダーは${isRemoved ? '取り除きます' : 'そのまま渡します'}`,
    underscore: '引き継がれません。名前にアンダースコアを含むヘッダーは渡しません',
    host: (value, host) =>
      `Nginx は Host: ${value} を送っていました。API には、API 自身の名前 ${host} を送ります`,
    clientsHost:
      'Nginx は自身が決めたホスト（または自身のポートを付けたホスト）を送っていました。Gatehouse はクライアントの Host をそのまま送ります',
    answerVariable: 'API の応答には引き継がれません。値に変数が含まれているため、API 側で付けてください',
    twice: '同じヘッダーが 2 回設定されています。最初のものを使います',
    staysBeside: '引き継がれません。Nginx が隠していた API 自身のヘッダーも残ります',
    addsNothing: '値が空のヘッダーは、Nginx も付けません',
    expires:
      '引き継がれません。responseHeaders はエラーにも付くため、エラーまでキャッシュされます。Cache-Control は API 側で付けてください',
    addedOnErrors: 'API のエラーにも付きます',
    onErrors: 'API のエラーにも付き、API 自身のヘッダーを置き換えます',
    ofPages: isPlain =>
      `ページには next.config の headers() で付けます${isPlain ? '' : '。変数またはパターンを含むため、手作業で書いてください'}`,
    poweredBy: 'ページでは next.config の poweredByHeader: false で消せます',
    leftOut: 'ページのヘッダーはそのまま渡します。アプリ側で付けないようにしてください',
    location: 'API 自身のホストへの Location はサイトのパスになり、そのほかはそのままです',
    cookiePath: 'API のパス配下を指す Cookie の Path はサイトのパスになり、そのほかはそのままです',
    cookieDomain:
      'クライアントがアクセスしたホストを含まない Domain は取り除かれ、Cookie はそのホストだけのものになります',
    notFor: (remark, domain) => `${remark}（${domain} のものにはなりません）`,
    cookieFlags: 'Cookie の属性は、API が設定したままです',
  },
  ofApi: {
    charset: '引き継がれません。文字コードは、API が Content-Type で指定してください',
    error_page: '引き継がれません。Gatehouse 自身のエラーはそのまま返り、別の場所には転送されません',
    try_files: '引き継がれません。Nginx はファイルの有無によって、別の場所か API に振り分けていました',
  },
  sizes: {
    smaller: (time, remark) => `短くなります。Gatehouse では ${time}（${remark}）です`,
    enough: (time, remark) => `${time}（${remark}）です`,
    body: '待ち時間の合計。1 KB 受信するごとに 1 秒ぶん回復し、過ぎれば 408',
    header: '過ぎれば 408',
    stalled: '何も流れなければ切断',
    keepAlive: time => `${time} です。ALB の 60 秒より長くなっています`,
    smallerHead: kb => `小さくなります。ヘッダー全体は、MAX_HEADER を設定しても ${kb} KB までです`,
    head: kb => `ヘッダー全体は ${kb} KB までです`,
    day: '上限の 24h になります',
    noLimit: size => `無制限にはできないため、${size} になります`,
    pageBody:
      'MAX_BODY は API 用です。ページには Next.js の serverActions.bodySizeLimit（1 MB）があり、Route Handler は自分で制限します',
    largest: at => `すべてのパスに共通の設定です。最大の値は ${at} にあります`,
    largestOrRoute: at =>
      `すべてのパスに共通の設定です。最大の値は ${at} にあります。gatehouse.config.ts なら、ルートごとに指定できます`,
    connect:
      '引き継がれません。CONNECT_TIMEOUT はアドレス 1 つあたりの時間で、ログインはその 2 倍の時間まで、つながるアドレスを探します。プライベートネットワークには、既定の 1s が適しています',
  },
  upstream: {
    sticky:
      'クライアントを 1 つのアドレスに固定しません。リクエストは、名前が持つ複数のアドレスに分散されます',
    notAsked: 'このアドレスにはリクエストを送りません。DNS が返す API のアドレスに、均等に送ります',
    resolve:
      'Nginx もここでは DNS に追従していました。Gatehouse は常に追従し、最後の正しい応答を保持し、つながらなければ別のアドレスに切り替えます',
    weight: 'どのアドレスにも均等に送ります',
    ofPages: 'ページは Gatehouse 自身が配信し、ほかのアドレスには送りません',
    fails: 'つながらないアドレスは後回しにします',
    parameter: key => `${key} は引き継がれません`,
    another: origin =>
      `upstream にある ${origin} にはリクエストを送りません。名前は 1 つで、その名前のアドレスに分散します`,
  },
  settings: {
    followsDns: 'アドレスは DNS に追従し、クエリ文字列には手を加えません',
    notAsked:
      'Nginx はこの resolver で API の名前を解決していなかったため、DNS_SERVERS には入れません。resolver が使われるのは変数に入れた名前と resolve を付けた server だけで、他の名前はシステムのリゾルバーで解決されます',
    ofSystem: at =>
      `Nginx はこの API の名前をシステムのリゾルバーで解決していました。DNS_SERVERS は全体で 1 つ（${at} のもの）なので、そのリゾルバーでこの名前も解決できる必要があります`,
    dockers:
      'Docker の DNS サーバーです。Gatehouse は /etc/resolv.conf の DNS サーバーを使います。ECS では、VPC の DNS サーバーです',
    resolverName: name =>
      `${name} は名前です。DNS_SERVERS には IP アドレスを指定します。空ならシステムのリゾルバーを使います`,
    one: (name, at) => `${name} は全体で 1 つです。${at} のものを使います`,
    ttl: seconds =>
      `DNS_MAX_TTL を既定の ${seconds} 秒にすれば、新しいアドレスに早く気付けます。問い合わせてもログインは遅くなりません`,
    ipv6: 'Nginx は IPv6 アドレスも問い合わせていました。バックエンドにあるなら、DNS_FAMILY=both を設定してください',
    subnets: 'TRUSTED_PROXIES に指定できるのは、アドレスとサブネットです',
    everybody:
      '引き継がれません。送信元を問わずヘッダーを信頼していたため、クライアントはアドレスを偽装できました。TRUSTED_PROXIES には、ロードバランサーのサブネットを指定してください',
    realIp: 'Gatehouse が読むヘッダーと同じです',
    notRead: header => `${header} は読みません。クライアントのアドレスは X-Forwarded-For から読み取ります`,
    addressHeader: header =>
      `引き継がれません。クライアントのアドレスは X-Forwarded-For から得ます。CLIENT_ADDRESS_HEADER=${header} と CLIENT_ADDRESS_PROOF を設定すれば、そのヘッダーから得ます`,
    limit: example =>
      `すべてのリクエストを数えていました。同じことは、パブリック ALB に付けた AWS WAF のレートベースルールで行えます。パスワードの総当たり対策なら、クライアントごとのログイン失敗を数える LOGIN_LIMIT=${example} があります`,
    pageLimit: 'ページには引き継がれません。パブリック ALB に付けた AWS WAF のレートベースルールで行えます',
    nonIdempotent: 'すべて送り終えたログインは、決して再送しません',
    answerStays:
      '確立できなかった接続は、次のアドレスに接続し直します。Nginx はこのような応答の後にも次のアドレスに送り直していましたが、Gatehouse ではそのまま訪問者に返ります',
    nextUpstream: '確立できなかった接続は、次のアドレスに接続し直します',
    host421: 'このようなルートでは、PUBLIC_ORIGIN にないホストへのリクエストは 421 になります',
  },
  tls: {
    unverified:
      'Nginx は証明書を検証していませんでしたが、Gatehouse は常に検証します。プライベート CA は NODE_EXTRA_CA_CERTS に指定してください。正しいかは `doctor` で確認できます',
    publicCas: 'パブリック CA は Node に含まれています',
    versions: 'TLS 1.2 と 1.3 です',
    oldVersions: 'TLS 1.2 と 1.3 だけです。バックエンドがどちらかに対応している必要があります',
    name: 'API のオリジンの名前です',
    nameVariable: hostname => `名前に変数が含まれています。証明書は ${hostname} のものでなければなりません`,
  },
}

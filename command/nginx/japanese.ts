import { japanese as directives } from './directives/japanese.ts'
import type { Texts } from './english.ts'

const ENDS = 'ルートのパスは / で区切られます'

export const japanese: Texts = {
  ...directives,
  usage: `gatehouse from-nginx FILE [OPTIONS]

Nginx の設定を読み取り、Gatehouse に必要な設定を標準出力に書きます。環境変数で足りるなら、シェルの形式（引用符を除けば \`docker run --env-file\` の
形式。Next.js の .env 用ではありません）の環境変数を、足りないなら、必要な環境変数を先頭の行に書いた gatehouse.config.ts を出力します。
引き継がれないディレクティブは、代わりに使えるものとともに標準エラー出力に報告します。
FILE は nginx.conf、そこから include されるファイル、または \`nginx -T\` の出力です（"-" なら標準入力から読み取ります）。

  --server PORT|NAME         API につながる server が複数ある場合に、どれを使うか
  --pages ORIGIN             Next.js が待ち受けていたオリジン：http://127.0.0.1:3000
  --backend ORIGIN           API のオリジン：https://api.dev.jp
  --public-origin ORIGIN,…   server_name では分からない場合に、訪問者がサイトにアクセスするときのオリジン：https://www.dev.jp
  --json                     ECS のタスク定義の形式で、環境変数だけを出力

終了コードが 0 になるのは、出力した設定で動く Gatehouse が、その Nginx と同じ動作をする場合だけです。
`,
  report: {
    titles: {
      guarded: 'Nginx がアクセスを制限していて、Gatehouse では制限されないもの：',
      lost: '引き継がれないもの：',
      look: '要確認：',
      same: '対応不要：',
      set: '引き継いだもの：',
    },
    line: (at, what, remark) => `  ${at}  ${what}：${remark}`,
    route: (path, field, value) => `ルート ${path} の ${field}：${value}`,
    missing: 'これだけでは足りません：',
    nextConfig: 'next.config に書くもの：',
    rules: 'パブリック ALB のリスナールール：',
    file: 'ルートにはファイルが必要なため、gatehouse.config.ts を出力しました。next.config と同じ場所に置いてください。環境変数は先頭の行にあります（--json でも出力できます）。',
    variables: 'next.config と同じ場所に置く。併せて必要な環境変数：',
    quoted: names =>
      `${names} の引用符はシェル用です。\`docker run --env-file\` は引用符も値に含めるため、そのファイルでは引用符を除いてください。`,
    noOrigin: (option, text) =>
      `--${option} が ${text} です。http://127.0.0.1:3000 のようなオリジンを指定してください`,
  },
  syntax: {
    noEnd: quote => `この ${quote} が閉じられていません`,
    afterQuote: found => `引用符の後に ${found} があります`,
    backslash: 'ファイルがバックスラッシュで終わっています',
    unclosed: line => `${line} 行目の { に対応する } がないまま、ファイルが終わっています`,
    unexpected: mark => `ここに "${mark}" は書けません`,
    unended: name => `"${name}" の終わりに ";" がありません`,
    includesItself: '自分自身を include しています',
    template: 'これはテンプレートです。変数に値を埋めたもの、または nginx -T の出力を渡してください',
  },
  missing: {
    placeholder: (at, found) =>
      `${at}：${found} はテンプレートの変数です。先に envsubst または nginx -T を実行し、その出力を渡してください`,
    noServer: which => `ポートまたは名前が ${which} の server はありません`,
    noPath: 'アクセスが制限されていない API のパスがありません。ルートは出力しません',
    paths: (locations, isFile) =>
      isFile
        ? `${locations.join('、')} のルートは出力されていません。gatehouse.config.ts に手作業で書いてください`
        : `${locations.join('、')} の BACKEND_PATHS は、手作業で設定してください`,
    allOwn:
      'API に転送する location の転送先は、すべてこの Nginx の別の server です。Nginx がなくなると何も待ち受けていないため、ルートは出力しません',
    noLocation: pages =>
      `API に転送する location がありません。Gatehouse には少なくとも 1 つ必要です${pages === undefined ? '' : `。${pages} が API であれば、--backend ${pages} を指定してください`}`,
    severalServers: all =>
      `API に転送する server が複数あります。どれを使うか、--server で指定してください：${all}`,
    secret: name =>
      `${name} に、ファイルにあるヘッダーの値を設定してください。秘密情報の可能性があるため、値は出力しません`,
    hosts: paths =>
      `Nginx は ${paths} にクライアントの Host をそのまま送っていましたが、server_name からはサイトのホスト名が分かりません`,
    manyHosts: (paths, names) =>
      `Nginx は ${paths} にクライアントの Host をそのまま送り、${names} のすべてのホストを受け付けていましたが、Gatehouse では、指定のないホストは 421 になります`,
    publicOrigin: why => `${why}。--public-origin https://www.dev.jp のように指定してください`,
    pagesOrApi: (why, origin) =>
      `${why}、${origin} がページなのか API なのか判断できません。--pages ${origin} または --backend ${origin} を指定してください`,
    pagesAmong: (why, origins) =>
      `${why}、${origins.join('、')} のどれかがページなのか判断できません。ページであれば --pages ${origins[0]} のように、そうでなければ --pages に Next.js のオリジンを指定してください`,
    serverCalled: name => `server の名前が ${name} であるため`,
    noRoot: '/ の転送先が分からないため',
    calledNext: name => `${name} という名前の転送先が / の転送先ではないため`,
    rootElsewhere: root => `/ の転送先が ${root} で、このマシンに転送する location もあるため`,
    nextElsewhere: path => `Next.js が使う ${path} の転送先が、ページの転送先と異なるため`,
  },
  servers: {
    port: port => `ポート ${port}`,
    other: (names, remark) => `別の server（${names}）：${remark}`,
    answers: '自分で応答しています。リスナールールで行えます',
    refuses: 'TLS ハンドシェイクをすべて拒否しています。リクエストの拒否は、リスナールールで行えます',
    guarded: guards =>
      `Nginx が ${guards} でアクセスを制限していて、転送先のページまたは API が同じか、ほかに名前のないすべてのホストを受け付けていました。Gatehouse はどの Host にも応答します。パブリック ALB のリスナールールで、この server のホストを制限するか、サイトのホストだけを転送してください`,
    unread: names =>
      `出力に含まれません。${names} がここになく、アクセスを制限している可能性があります。\`nginx -T\` の出力を渡してください。Gatehouse はどの Host にも応答するため、この server のホストにも応答します`,
    leftOut:
      '出力に含まれません。Gatehouse 1 つで扱うサイトは 1 つです。どれを使うか、--server で指定してください',
    notNamed: 'ほかにないもの',
  },
  target: {
    untold: reason => `転送先が分かりません：${reason}`,
    socket: 'Unix ソケット',
    notSet: names => `${names} の値が、この設定では決まりません`,
    noOrigin: text => `${text} はオリジンではありません`,
    ownServer:
      '引き継がれません。転送先はこの Nginx の別の server で、Nginx がなくなると何も待ち受けていません',
  },
  paths: {
    not: reason => `引き継げません：${reason}`,
    anyCase: '大文字と小文字を区別しない正規表現です。ルートのパスは区別します',
    oneCase: path =>
      `Nginx は ${path} も API に送っていましたが、Gatehouse ではページです。ルートのパスは大文字と小文字を区別します`,
    named: '名前付き location です。ファイルの有無やエラーによって使われるかが決まります',
    rewrites: 'rewrite が複数あります',
    rewrite: 'rewrite が、パスの先頭を置き換えるだけのものではありません',
    notRewritten: (path, here) =>
      `${path} 自身は ${here} として送ります。Nginx の rewrite はこのパスに一致せず、そのまま送っていました`,
    variable: uri => `送信先のパス ${uri} に、変数、正規表現で取り出した値、またはクエリが含まれています`,
    joined: (path, sent) => `Nginx は ${path}x を ${sent}x として送っていました。${ENDS}`,
    twoSlashes: (path, sent, here) =>
      `Nginx は ${path}/x を、スラッシュが 2 つ続く ${sent}/x として送っていました。Gatehouse では ${here}/x です`,
    allSent: (below, sent) => `${below}/ 配下のすべてが ${sent} に送られていました`,
    keepsPath: (below, sent) =>
      `${below}/ 配下のパスはそのまま送ります。Nginx はすべてを ${sent} 自身に送っていました`,
    query: 'クエリ文字列も送ります。Nginx は送っていませんでした',
    redirects: path =>
      `パスだけの Location は API のパスとみなし、/x を ${path}/x に変換します（Nginx はそのまま渡していました）。ページにリダイレクトするには、API がサイトのホストを含む URL を返す必要があります`,
    underscoreNext: 'Next.js が使う /_next 配下は、ページのままです',
    otherPath: (path, redirected) =>
      `${path} は別のパスです。Nginx は ${redirected} にリダイレクトしていました`,
    boundary: path => `Nginx は ${path}X も API に送っていましたが、Gatehouse ではページです。${ENDS}`,
    itself: (path, redirected) =>
      `${path} 自身も API に送られます。Nginx は ${redirected} にリダイレクトしていました`,
    pattern: 'パスの列挙だけではない正規表現です。該当するパスを具体的に書いてください',
    everyPath: 'すべてのパスに一致する正規表現です',
  },
  routes: {
    neverAsked: first => `ここに届くリクエストはありませんでした。Nginx は ${first} を先に照合します`,
    opens: (inner, guards) =>
      `出力に含めません。含めると、Nginx が ${guards} で制限していた ${inner} が公開されます。公開してよいパスだけを書いてください`,
    twin: (path, location) => `${path} は ${location} のルートにすでにあり、そちらを使います`,
    wayToLogin: (path, login) =>
      `${path} は 400 になります。${login} のログインに、保護なしで到達するためです`,
    exactLogin: login =>
      `${login}/ と ${login};… は 400 になります。ログインは ${login} だけですが、API が同じものとして扱う可能性があるためです`,
    elsewhere: (path, location, route) =>
      `Nginx では、${path} は${location === undefined ? 'どの location にも一致しませんでした' : `${location} に一致していました`}。Gatehouse では${route === undefined ? 'ページです' : `ルート ${route} に含まれます`}`,
    pattern: (paths, locations) =>
      `ルート ${paths} の配下です。Nginx が正規表現で応答していたものも、API に送られます${locations.length === 0 ? '' : `。それでよければ、Nginx のファイルに ${locations.join('、')} と書いて、このコマンドをもう一度実行してください`}`,
    itself: (path, route) => `${path} 自身もルート ${route} に含まれ、API に送られます`,
    ofRoute: (path, route) =>
      `Nginx では ${path}X も含まれていましたが、Gatehouse ではルート ${route} で API に送られます。${ENDS}`,
    below: path => `${path}/ 配下も API に送られます。このパスだけを送るには、gatehouse.config.ts が必要です`,
    plainOnly:
      'ヘッダー、Host、または例外のために、gatehouse.config.ts が必要です（from-nginx が出力します）',
    needsFile:
      'gatehouse.config.ts のルートが必要です（from-nginx が出力します）。その場合、BACKEND_ORIGIN と BACKEND_PATHS は設定しません',
  },
  guards: {
    backend: guards =>
      `Nginx が ${guards} でアクセスを制限していました。Gatehouse には制限がないため、出力に含めません。先に、セキュリティグループ、AWS WAF、パブリック ALB のリスナールール、または API 自身で制限してください`,
    unknown: names =>
      `${names} の内容が分からず、アクセスを制限している可能性があります。Gatehouse には制限がないため、出力に含めません。\`nginx -T\` の出力を渡してください。制限でなければ、先にファイルから削除してください`,
    fileNames: (guards, paths) =>
      `Nginx は、このような名前を ${guards} で拒否していました。Gatehouse では、public/ にファイルがなければアプリが 404 を返${paths === '' ? 'します' : `し、${paths} とその配下では API が応答します。パブリック ALB のリスナールール（path-pattern）、AWS WAF、または API 自身で拒否してください`}`,
    exception: guards =>
      `Nginx が ${guards} でアクセスを制限していました。Gatehouse では API に送らず（\`except\`）、アプリが応答します。該当するページがなければ 404 です`,
    unread: names =>
      `${names} がここになく、アクセスを制限している可能性があります。Gatehouse では、アプリが誰にでも応答します。\`nginx -T\` の出力を渡してください`,
    pages: guards =>
      `Nginx が ${guards} でアクセスを制限していました。Gatehouse では、アプリが誰にでも応答します`,
    instead: remark =>
      `${remark}。パブリック ALB のリスナールール（source-ip、authenticate-oidc、fixed-response）、AWS WAF、セキュリティグループ、または proxy.ts で制限してください`,
    rule: rule => `${rule}（許可する相手を除く）`,
    condition: isEverywhere =>
      `Nginx は、このようなリクエストを${isEverywhere ? 'すべての location で' : ''}拒否するか、別の場所に送っていました。AWS WAF またはパブリック ALB のリスナールールで拒否してください（proxy.ts で拒否できるのはページだけです）`,
  },
  answers: {
    pages: origin => `ページは Gatehouse が配信します。${origin} では何も待ち受けなくなります`,
    sentAs: (sent, isPlain) =>
      `Nginx はパスを ${sent} に置き換えて、ページに送っていました。next.config の rewrites() で行えます${isPlain ? '' : '。変数またはパターンを含むため、手作業で書いてください'}`,
    otherProtocol: '引き継がれません。Gatehouse は、バックエンドと HTTP/1.1 で通信します',
    otherPass:
      '引き継がれません。Gatehouse は、バックエンドと HTTP/1.1 で通信します。バックエンドも HTTP/1.1 を使えるなら（uWSGI では http-socket）、proxy_pass に書き換えて、このコマンドをもう一度実行してください',
    fromBuild: 'ビルドのファイルは、Gatehouse が配信します',
    errorPages: 'Gatehouse には自身のエラーページがあります',
    noFile: 'root の指定がなく、Nginx は 404 を返していました。Gatehouse ではアプリが応答します',
    files: 'Nginx はディスクからファイルを配信していました。アプリの public/ に移してください',
    unnamed: isPublic =>
      `どの location にも当たらないパスには、${isPublic ? 'public/ のファイルがある場合を除き、' : ''}Nginx は 404 を返していました。Gatehouse ではアプリが応答するため、そこにあるものは公開されます`,
    unnamedFiles:
      'どの location にも当たらないパスには、Nginx はここのファイルを返していました。Gatehouse ではアプリが応答するため、ファイルをアプリの public/ に移してください',
    internal:
      '引き継がれません。API が X-Accel-Redirect で指定したファイルなど、内部からだけ届く location です。Gatehouse はそのファイルを送らず、X-Accel-* を API の応答から取り除きます',
    singlePage:
      'Next.js ではないシングルページアプリのファイルです。Gatehouse が配信するのは、Next.js のビルドと public/ だけです',
    redirect: isPlain =>
      isPlain
        ? 'リダイレクトです。next.config の redirects() で行えます'
        : 'パターンか変数を含むか、前に `if` があるか、配下に別の location があるリダイレクトです。next.config の redirects() に、手作業で書いてください',
    rewriteOfServer:
      '引き継がれません。Nginx はこれを API のパスにも適用していました。ページには next.config の redirects() または rewrites() を使ってください。`/404` などに書き換えて隠していた API のパスは、Gatehouse では API に届きます。ルートの `except` に加えてください',
    acme: 'パブリック ALB の証明書は ACM が更新するため、このパスへのリクエストは来なくなります',
    named:
      '引き継がれません。error_page や try_files でここに転送されていましたが、Gatehouse にその転送はありません',
    health: 'このパスのヘルスチェックには、Gatehouse が応答します',
    fixed: code =>
      `固定の応答（${code}）です。Gatehouse にはありませんが、パブリック ALB の fixed-response で行えます${code === 200 ? '。ヘルスチェックには /healthz と /readyz があります' : ''}`,
    toHttps: 'http から https へのリダイレクトは、パブリック ALB で行います',
    logged: 'Nginx がログに残さなかったリクエストも、ここでは JSON を 1 行、標準出力に出力します',
    methods: 'このようなメソッドは、Gatehouse も 405 で拒否します',
    conditionalPass: '引き継がれません。条件によって転送先を変えることはできません',
  },
}

import type { Texts } from './english.ts'

const LISTENING = `  -p, --port PORT         待ち受けるポート。設定 PORT と同じ
  -H, --hostname HOST     待ち受けるアドレス。設定 HOST と同じ
`

export const japanese: Texts = {
  usage: `gatehouse COMMAND

  init [--e2e] [--dry-run]
                      package.json のスクリプトに gatehouse を入れ、Dockerfile を追加する。--e2e なら E2E テストも追加する
  dev                 アプリをホットリロード付きで Gatehouse の背後で動かす。BACKEND_ORIGIN がなければデモ用のバックエンドも起動する。
                      --webpack、--turbopack、--port、--hostname、--inspect は \`next dev\` と同じ
  build               アプリ自身の \`next build\` をページワーカー用に実行し、静的ファイルを圧縮する
  start               Gatehouse をページワーカー付きで起動する。設定は環境変数、ルートは gatehouse.config.ts でも指定できる
  config              設定の説明とルートを表示し、値を検査する
  doctor [--json]     このマシンから API までの経路を検査し、対処を示す
  healthcheck         PORT の Gatehouse が生きていれば終了コード 0
  from-nginx FILE     Nginx の設定を読み取り、環境変数または gatehouse.config.ts を出力する
  ecs TASK.json       ECS のタスク定義から Nginx コンテナを取り除き、新しいタスク定義を出力する

gatehouse COMMAND --help で各コマンドの引数を、gatehouse --version でバージョンを表示します。
`,
  usages: {
    init: `init [--e2e] [--dry-run]

package.json のスクリプトに gatehouse を入れ、なければ Dockerfile と .dockerignore を追加します。

  --e2e        Playwright による E2E テスト（設定、テスト、スクリプト）も追加
  --dry-run    変更内容を表示するだけ
`,
    dev: `dev [OPTIONS]

アプリをホットリロード付きで Gatehouse の背後で動かします。BACKEND_ORIGIN がなければデモ用のバックエンドも起動します。設定は環境変数で、
\`gatehouse config\` で説明を表示できます。PORT が未設定で 4000 が使用中なら、次の空きポートを使います。

${LISTENING}  --webpack, --turbopack  バンドラーの指定。\`next dev\` と同じ
  --inspect[=HOST:PORT]   \`next dev\` と同じく、ページをデバッグできるようにする
`,
    build: `build [next build の引数]

アプリ自身の \`next build\` をページワーカー用に実行し、静的ファイルを圧縮します。引数は \`next build\` に渡します。
`,
    healthcheck: `healthcheck

HOST と PORT の Gatehouse に /healthz を要求します。生きていれば終了コード 0、そうでなければ 1 です。
`,
  },
  start:
    settings => `start [OPTIONS]：Gatehouse をページワーカー付きで起動します。先にビルドが必要です（\`npm run build\` または \`gatehouse build\`）。

${LISTENING}  --keepAliveTimeout MS   設定 KEEP_ALIVE_TIMEOUT と同じ。単位はミリ秒

そのほかはすべて環境変数で設定します（= の右は既定値）。

${settings}
`,
  config:
    'config：設定の説明と、ルートを表示します。環境変数の値も検査し、間違いがあれば終了コードは 1 です。\n\n設定は環境変数です（= の右は既定値）。\n\n',
  doctor: `doctor [--json]：環境変数の設定を使い、このマシンから API までの経路を検査して、問題ごとに対処を示します。

  --json    結果を JSON で出力

問題があれば終了コードは 1 です。
`,
  noFile: (path, code) =>
    code === 'ENOENT' ? `ファイル ${path} がありません` : `${path} を読み書きできません：${code}`,
  noCommand: name => `コマンド ${name} はありません`,
  noArguments: args => `引数は指定できません：${args}`,
  unknownOption: (option, help) => `オプション ${option} は使えません。\`${help}\` で一覧を表示できます`,
  needsValue: option => `${option} には値が必要です`,
  unknownArgument: args =>
    `引数 ${args} は使えません。使えるのは start [--port PORT] [--hostname HOST]、config、doctor [--json]、--help、--version です。引数なしなら起動します。`,
  routes: source => `ルート（${source}）。どれにも当てはまらないリクエストはページに送られます：`,
  ready: (version, ms) => `Gatehouse ${version}  ${ms} ms で起動しました`,
  urls: { app: 'アプリ：    ', status: 'ステータス：', account: 'アカウント：' },
  cannotStart: why => `Gatehouse を起動できません：${why}`,
  changed: name => `${name} が変更されたため、アプリを再起動します`,
  deleted: name => `${name} が削除されたため、アプリを再起動します`,
  asked: 'Next.js が再起動を求めたため、アプリを再起動します',
  full: 'アプリのヒープメモリが上限に近づいたため、再起動します',
  demo: '環境変数 BACKEND_ORIGIN が未設定（.env ファイルは対象外）のため、デモ用のバックエンドを起動しています',
  built: '`gatehouse start` の準備ができました。ページをビルドし、静的ファイルを圧縮しました。',
  notSeen: name =>
    `警告：アプリのコードに ${name} があります。これは Gatehouse の秘密の設定で、ページからは見えません（process.env.${name} は undefined になります）。リクエストヘッダーをこの値と比較して認証していると、ヘッダーのないリクエストを通してしまいます。アプリの環境変数には別の名前を付けてください`,
  notBuilt: file =>
    `next build で ${file} ができませんでした。next.config に別の \`output\` や \`distDir\` を指定しないでください`,
  init: {
    next: (version, least) => `Next.js は ${version} ですが、${least} 以降が必要です`,
    noPlaywright:
      'package.json：`npm install --save-dev @playwright/test` と `npx playwright install chromium` を実行してください',
    playwrightOptions: file =>
      `${file}：\`use\` に書くオプション gatehouse、api、form は Gatehouse の docs/testing.md を参照してください`,
    noDependency:
      '依存関係に gatehouse がありません：`npm install ./gatehouse-….tgz` で、ファイルを指定してインストールしてください。npm レジストリの gatehouse は別のパッケージです',
    outside: path =>
      `${path} はこのフォルダーの外にあるため、イメージをビルドできません。このフォルダーに移してください`,
    dockerfile:
      'Node.js 26 以降を使い、スクリプト `build` を実行し、`npm start` または `node dist/front.mjs` で起動する必要があります（`node server.js` では、Gatehouse なしの Next.js になります）。すべて済んだ Dockerfile が必要なら、今のものの名前を変えて、もう一度 `gatehouse init` を実行してください',
    added: '追加',
    stays: '既存のものをそのまま使用',
    wouldBe: '次のように変更します（まだ何も変更していません）：',
    byHand: '手作業が必要：',
    script: (name, now, before) =>
      before === undefined ? `${name}：\`${now}\` を追加` : `${name}：\`${before}\` → \`${now}\``,
    copies: (name, script) =>
      `${name} は \`${script}\` です。.next/standalone へのコピーを削除してください。public と .next/static は \`gatehouse build\` がそこにリンクするため、コピーは失敗します`,
    change: (name, script, wanted) =>
      `${name} は \`${script}\` です。Next.js を実行している箇所を \`${wanted}\` にしてください${wanted === 'gatehouse build' ? '' : '。ポートは 4000、または `--port` か設定 PORT の値です'}`,
    port: '（ポートは 3000 から 4000 に変わる。3000 のままにするには `-p 3000` を付ける）',
  },
}

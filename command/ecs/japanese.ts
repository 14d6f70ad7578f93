import type { Texts } from './english.ts'

const RENDER = '先にレンダリングしてください：ecspresso render taskdef > task.json'
const DESCRIBE =
  '登録済みのタスク定義は aws ecs describe-task-definition --task-definition FAMILY > task.json で出力できます'

export const japanese: Texts = {
  usage: `gatehouse ecs TASK.json [--nginx FILE] [--out DIR]

ECS のタスク定義から Nginx コンテナを取り除き、アプリのコンテナを Gatehouse にします。TASK.json は
\`aws ecs describe-task-definition\` の出力、または ecspresso でレンダリングしたものです。"-" なら標準入力から読みます。AWS には何も送りません。

  --nginx FILE             その Nginx の設定。BACKEND_ORIGIN などの設定、またはルート（gatehouse.config.ts）をここから読み取る。
                           このフォルダーに gatehouse.config.ts がすでにあれば、ルートにはそれを使う
  --server PORT|NAME       API につながる server が複数ある場合に、どれを使うか
  --pages ORIGIN, --backend ORIGIN   Nginx の設定からは区別できない場合に、Next.js のオリジン、または API のオリジン
  --env NAME=VALUE         Gatehouse の設定。複数回指定できる
  --image URI              アプリのコンテナの新しいイメージ
  --start-seconds SECONDS  起動中のタスクを、ヘルスチェックに失敗しても停止しない時間（秒）。既定は 60、アプリの startPeriod がそれより長ければその値。最大 300
  --out DIR                task-definition.json と、必要なら gatehouse.config.ts、サービスに必要な変更（コマンド、ecspresso 用、Terraform 用）を書き出す
  --nginx-container NAME, --app-container NAME, --nginx-port PORT, --drop NAME, --writable PATH, --accept CODE
                           質問への回答

タスク定義は標準出力に（--out があればファイルに）、メッセージは標準エラー出力に書きます。先に判断が必要な場合、終了コードは 1 で、
タスク定義は作られません。
`,
  headings: {
    changed: '変更',
    look: '要確認',
    decide: '要判断（決まるまで、新しいタスク定義は作られません）',
  },
  accepted: words => `${words}（承認済み）`,
  noPort: text => `--nginx-port の ${text} はポートではありません`,
  noStartSeconds: (text, most) => `--start-seconds の ${text} が 0 から ${most} までの整数ではありません`,
  noPair: text => `--env の ${text} が NAME=VALUE の形式ではありません`,
  outHint: '--out DIR を付けると、そのためのコマンドと、ecspresso 用、Terraform 用のファイルを書き出します。',
  written: (folder, names) => `${folder} に書き出しました：${names}`,
  service: {
    heading: 'サービスに必要な変更：',
    loadBalancer: (container, port, before, portBefore) =>
      `ロードバランサー：コンテナ ${container}、ポート ${port}（以前は ${before}、${portBefore ?? '不明'}）`,
    securityGroup: port =>
      `セキュリティグループ：ポート ${port} について、タスク側（host モードではコンテナインスタンス側）ではロードバランサーからのインバウンドを、ロードバランサー側ではアウトバウンドを許可する（CDK で作ったものは、以前のポートへのアウトバウンドしか許可していない）`,
    origins: all =>
      `API：タスクのセキュリティグループからの送信と、各 API（プライベート ALB など）のセキュリティグループでの受信を許可する：${all}`,
    targetGroup: (path, matcher, delay) =>
      `ターゲットグループ：ヘルスチェック ${path}（ポートはトラフィックポート）、HTTP ${matcher}、登録解除の遅延 ${delay} 秒（ロードバランサーのアイドルタイムアウトのほうが長ければ、その値）`,
    idleTimeout: (above, below) =>
      above < below
        ? `ロードバランサー：アイドルタイムアウトを ${above} 秒より長く、${below} 秒未満にする（既定は 60 秒）`
        : `ロードバランサー：アイドルタイムアウトを、API のタイムアウトで最も長い ${above} 秒より長くする（既定は 60 秒）。KEEP_ALIVE_TIMEOUT（${below} 秒）は、それより長くする：--env KEEP_ALIVE_TIMEOUT=${above + 30}s`,
    grace: seconds =>
      `ヘルスチェックの猶予期間：${seconds} 秒（アプリの起動がそれより長くかかるなら --start-seconds で指定する）`,
    deployment: (least, most) =>
      `デプロイ：ロールバック付きのサーキットブレーカー、${least} % から ${most} %`,
  },
  read: {
    jsonnet: name => `${name} は jsonnet です。${RENDER}`,
    template: (name, start) => `${name} はテンプレートです（${start} …}}）。${RENDER}`,
    list: name =>
      `${name} は、Terraform の container_definitions のようなリストです。タスク定義の全体が必要です。${DESCRIBE}`,
    empty: name => `${name} は空です。${DESCRIBE}`,
    terraform: name => `${name} は Terraform などのテンプレートです。${DESCRIBE}`,
    comments: name => `${name} は jsonnet、またはコメント付きの JSON です。${RENDER}`,
    yaml: name => `${name} は YAML です。JSON が必要です。${RENDER}。または、${DESCRIBE}`,
    noJson: (name, reason) => `${name} は JSON ではありません（${reason}）。${DESCRIBE}`,
    service: name => `${name} はサービスの定義です。タスク定義が必要です。${DESCRIBE}`,
    cloudFormation: name => `${name} は CloudFormation の形式です。API の形式が必要です。${DESCRIBE}`,
    noContainers: name => `${name} に containerDefinitions がありません。${DESCRIBE}`,
    mistakes: (name, mistakes) => `${name} はタスク定義として正しくありません：\n${mistakes}`,
  },
  roles: {
    noContainer: (name, all) => `コンテナ "${name}" はありません。あるのは：${all}`,
    severalNginx: all => `Nginx と思われるコンテナが複数あります：${all}`,
    noNginx: all => `Nginx と思われるコンテナがありません：${all}`,
    severalApps: all => `Next.js アプリの可能性があるコンテナが複数あります：${all}`,
    noApp: (nginx, others) =>
      `${nginx} のほかに、Next.js アプリと思われるコンテナがありません：${others || 'コンテナがない'}`,
    exporter: name => `${name} は Nginx のメトリクスを取得しますが、Nginx はなくなります。`,
    windows: 'このタスクは Windows 用ですが、Gatehouse のイメージは Linux 用です',
    gone: (containers, app) => `${containers}：削除。${app} が Gatehouse になり、そのページを配信します。`,
    essential: app => `${app} を essential にしました。`,
    secrets: (nginx, secrets) =>
      `${nginx} のシークレットのうち、使われなくなるもの：${secrets}。実行ロールの読み取り権限は残っています。`,
    variables: (nginx, names) => `${nginx} の環境変数のうち、使われなくなるもの：${names}。`,
    rest: (nginx, fields, app) => `${nginx} には ${fields} もありました。${app} に必要か確認してください。`,
  },
  nginx: {
    put: (file, names, nginx) =>
      `${file} の ${names} を ${nginx} の環境変数の値に置き換え、Gatehouse の設定にしました。`,
    unknown: (file, name, nginx, isSecret) =>
      `${file} の \${${name}} は、${isSecret ? `${nginx} のシークレットであるため` : `${nginx} の環境変数にないため`}、値が分かりません。`,
    set: (remark, at) => `${remark}（${at} から）。`,
    finding: (at, what, remark) => `${at} ${what}：${remark}。`,
    missing: (file, why) => `${file}：${why}。`,
    ownFile:
      '`gatehouse from-nginx` の出力を gatehouse.config.ts としてこのフォルダーに保存し、そのルートを加えて、もう一度実行する',
    secret: (file, name) => `${file}：${name} はヘッダーの値で、秘密情報の可能性があります。`,
    ofTask: (name, app) => `タスク定義の ${app} の secrets に ${name} を加えるか、--env ${name}=VALUE`,
  },
  image: {
    same: image =>
      `イメージは以前と同じ ${image} です。\`npx gatehouse init\` の Dockerfile で作ったイメージでなければ、Gatehouse が含まれず、タスクは起動しません（--image URI）。`,
    changed: (image, before) => `イメージ：${before} → ${image}。`,
  },
  container: {
    runsFromImage: (app, command) => `${app} のコマンド：イメージの既定 → \`${command}\`。`,
    runs: (app, command, ran) => `${app} のコマンド：\`${ran}\` → \`${command}\`。`,
    ranMore: (app, command, ran) =>
      `${app} のコマンド：\`${ran}\` → \`${command}\`。以前のコマンドが行っていたそのほかの処理は、実行されなくなります。マイグレーションは単独のタスクで実行し、事前に読み込むものは NODE_OPTIONS に書いてください。`,
    user: (user, before) => `user：${before} → ${user}（イメージのユーザー）。`,
    writableFor: (user, path) =>
      `Gatehouse とページは ${user} で動きます。${path} は、このユーザーが書き込める必要があります。`,
    workingDirectory: folder => `workingDirectory ${folder} を削除しました。イメージに指定があります。`,
    healthCheck: before =>
      before === undefined
        ? 'healthCheck：なし → Gatehouse のもの。'
        : `healthCheck：\`${before}\` → Gatehouse のもの。`,
    stopTooLong: (stop, most) =>
      `STOP_DELAY と STOP_TIMEOUT には ${stop} 秒の stopTimeout が必要ですが、Fargate は ${most} 秒でタスクを強制終了します。`,
    stopTimeout: (stop, before) =>
      `stopTimeout：${before ?? 'なし'} → ${stop}。STOP_DELAY と STOP_TIMEOUT の合計より長くします。`,
    readOnly: cache =>
      `ルートファイルシステムを読み取り専用にしました。書き込むページにはボリュームが必要です。next/image と fetch のキャッシュは ${cache}、一時ファイルは /tmp（--writable PATH、docs/image.md）。`,
    writableForExec:
      'ルートファイルシステムは書き込み可能のままです。initProcessEnabled は ECS Exec を使っている印で、ECS Exec には書き込みが必要です。ECS Exec を使わないなら、readonlyRootFilesystem を自分で設定してください。',
    writableForApp: paths =>
      `ルートファイルシステムは書き込み可能のままです。アプリは ${paths} に書き込み、ほかにも書き込む可能性があります。ほかに書き込まないなら、readonlyRootFilesystem を自分で設定してください。`,
    descriptors: limit => `ulimit nofile：${limit}。Nginx が持っていた接続も Gatehouse が持ちます。`,
  },
  sizes: {
    more: (field, app, sum, own, more) =>
      `${app} の ${field}：${own} → ${sum}（削除したコンテナの分 ${more} を加えました）。`,
    rest: (app, rest, hasOthers) =>
      `${app} の memory：${rest}（タスクのメモリ${hasOthers ? 'から、ほかのコンテナの分を引いた値' : ''}）。Gatehouse はこの値を上限とします。`,
    noLimit: app =>
      `${app} にもほかのコンテナにも、メモリの上限がありません。PAGE_MEMORY、または ${app} の memory を設定してください。設定しなければ、Gatehouse はタスクのメモリ全体を使えるものとみなします。`,
  },
  ports: {
    taken: (setting, port, usual) => `${setting}：${port}（${usual} は使用中）。`,
    changed: (port, before, isPrivileged) =>
      `ポート：${before} → ${port}${isPrivileged ? '（特権のないユーザーは、1024 未満のポートをバインドできません）' : ''}。`,
    noPort: (container, port, all) => `${container} にポート ${port} はありません。あるのは：${all}`,
    tls: container =>
      `${container} には 443 の TLS がありました。Gatehouse は平文の HTTP で待ち受け、TLS はロードバランサーで終端します。ターゲットグループのプロトコルは HTTP です。HTTPS または TLS なら、作り直してください。`,
    several: (container, all) =>
      `${container} には複数のポートがあります：${all}。サービスのターゲットグループが使うのはどれですか。`,
    lost: (container, port) =>
      `${container} のポート ${port} はなくなります。Gatehouse のポートは 1 つです。`,
    kept: (container, port) =>
      `${container} のポート ${port} は維持します。引き続き待ち受けているか確認してください。ページは複数のプロセスで動きます。`,
    name: (own, port, kept) =>
      `ポート名 ${own}（${port}）はなくなり、${kept} を維持します。Service Connect が参照している可能性があります。`,
    protocol: before => `ポートの appProtocol：${before} → http。Gatehouse は HTTP/1.1 で待ち受けます。`,
    hostPort: port =>
      `ホストのポートが固定されています（${port}）。同じポートを使うタスクが動いているインスタンスでは、新しいタスクが起動しません。デプロイ用に空きインスタンスを確保するか、bridge モードの hostPort 0、または awsvpc を使ってください。`,
  },
  environment: {
    secret: (name, value) => `${name} はシークレットのままです。Nginx の設定では ${value} です。`,
    differs: (name, before, value) =>
      `${name} が、アプリの環境変数では ${before}、Nginx の設定では ${value} です。`,
    inSecrets: (name, app) => `${name} は ${app} のシークレットにあるため、環境変数には設定できません`,
    nodeEnv: value => `NODE_ENV=${value} を削除しました。イメージの production が Gatehouse に必要です。`,
    changed: (name, value, before) => `${name}：${before} → ${value}。`,
    nexts: (name, value) =>
      `${name}=${value} を削除しました。Next.js が待ち受ける場所は Gatehouse が決めます。`,
    shared: name =>
      `アプリの環境変数 ${name} は、Gatehouse も読みます（docs/settings.ja.md）。意味が異なるなら、アプリの変数名を変えてください。`,
    nodeOptions: value =>
      `NODE_OPTIONS=${value} は、Gatehouse と各ページワーカーにも適用されます。--require や --import はすべてのプロセスで読み込まれ、ヒープの上限は PAGE_MEMORY で決まります。`,
    file: file => `${file} が設定する内容は分かりません。コンテナの環境変数が優先されます。`,
    withoutNginx: hasPaths =>
      `--nginx FILE がないため、次は既定値です：${hasPaths ? 'BACKEND_PATHS（/user/login）、' : ''}BACKEND_TIMEOUT、CONNECT_TIMEOUT、MAX_BODY、DNS_SERVERS、TRUSTED_PROXIES。`,
    noOrigin: 'BACKEND_ORIGIN（Nginx がログインを送っていた API のオリジン）が分かりません。',
    nginxOrEnv: '--nginx default.conf（その Nginx の設定）、または --env',
    mistake: mistake => `Gatehouse が起動しません：${mistake}`,
    rename: name => `--env ${name}=VALUE。意味が異なるなら、アプリの変数名を変える`,
  },
  routes: {
    own: file =>
      `ルートには、このフォルダーの ${file} を使います（イメージに含まれます）。BACKEND_ORIGIN は設定せず、Nginx の location は読み取りません。`,
    fromNginx: (nginx, file) =>
      `${nginx} の location には ${file} が必要です。--out DIR を付けると書き出します。next.config の隣に置いて、イメージをビルドしてください。`,
    instead: (name, value, file) => `${name}=${value} を削除しました。オリジンとパスは ${file} にあります。`,
    correct: file =>
      `${file} を直すか、そこで使う変数をタスク定義のアプリのコンテナ（environment、secrets）に加える`,
    nowhere: origin =>
      `ルートの転送先 ${origin} は、Nginx または Next.js が待ち受けていたタスク内のポートです。API はそこにはありません。`,
  },
  addresses: {
    variable: (name, container) => `${container} の ${name}`,
    command: container => `${container} のコマンド`,
    healthCheck: container => `${container} の healthCheck`,
    nowhere: (what, port) =>
      `${what} が指すタスクのポートでは、何も待ち受けなくなります。Gatehouse は ${port} です。ページからは BACKEND_URL で API を呼べます（docs/server-side.md）。`,
  },
  volumes: {
    handed: (volume, path, nginx) =>
      `${path} のボリューム ${volume} を削除しました。${nginx} にファイルを渡すためのもので、Gatehouse はイメージのファイルを配信します。`,
    hides: (volume, path) =>
      `${path} のボリューム ${volume} は、新しいイメージのファイルを隠すか、どこからも読まれない可能性があります。アプリは /app、そのファイルは /app/.next にあります。ファイルの containerPath を変えるか、取り除いてください。`,
    cache: (volume, place, path) =>
      `ボリューム ${volume}：${path} → ${place}。新しいイメージでの Next.js のキャッシュの場所です。`,
    shared: (app, nginx, volume, path) =>
      `${app} と ${nginx} は、ボリューム ${volume}（${path}）を共有していました。${nginx} にファイルを渡すだけのものなら、取り除いてください。`,
    gone: volume => `ボリューム ${volume} を削除しました。ほかに使うコンテナはありません。`,
    sharedByOther: (other, volume, nginx) =>
      `${other} は、ボリューム ${volume} を ${nginx} と共有していました。${nginx} による読み書きはなくなります。`,
    writable: path =>
      `${path} は、タスクとともに消えるボリュームです。Dockerfile にも書く必要があります（docs/ecs.ja.md#what-can-be-written）。`,
  },
  others: {
    depended: (name, gone, condition, now) =>
      `${name} の ${gone}（${condition}）への依存：${now === undefined ? '削除しました' : `${now} に変えました`}。`,
    waits: (app, other, condition, nginx) =>
      `${app} に、${nginx} と同じ ${other}（${condition}）への依存を追加しました。`,
    unlinked: (name, gone) => `${name} から ${gone} へのリンクを削除しました。`,
    linked: (name, link, alias, app) =>
      `${name} のリンク ${link}：名前 ${alias} は ${app} を指すようになります。`,
    linksOfNginx: (nginx, links, app) =>
      `${nginx} の ${links} へのリンクを、${app} に移しました。BACKEND_ORIGIN がその名前でも構いません。Docker が /etc/hosts に書き、Gatehouse はそれを読みます。`,
    volumesFrom: (name, gone) =>
      `${name} が使っていた ${gone} のボリューム（volumesFrom）はなくなります。何を読んでいたか確認してください。`,
    appPorts: (value, before) => `メッシュのプロキシの AppPorts：${before} → ${value}。`,
  },
}

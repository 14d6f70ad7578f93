import { autoSize, duration, setting } from '../kinds.ts'

/** The processes that render the pages, and what a stop leaves them and the front. */
export const PAGES = {
  PAGE_WORKERS: setting(
    {
      initial: '1',
      accepts: { en: 'a number of processes from 0 to 64', ja: '0 から 64 までのプロセス数' },
      meaning: {
        en: "number of processes that render the pages; more than one only for an app with a `cacheHandler`, since each process has its own cache. `0`: the server's own process renders them",
        ja: 'ページをレンダリングするプロセスの数。キャッシュはプロセスごとに別々なので、2 以上にするのは `cacheHandler` を設定したアプリだけ。`0`：サーバー自身のプロセスでレンダリングする',
      },
    },
    text => (/^\d{1,2}$/.test(text) && Number(text) <= 64 ? Number(text) : undefined),
  ),
  PAGE_MEMORY: autoSize('128mb', ['512mb', '1gb'], {
    en: "maximum memory of one page worker: one that holds more for 5 s is replaced gracefully. It is the limit of its heap, too, unless `NODE_OPTIONS` has `--max-old-space-size`. `auto`: half of the task's memory for all of them, 128mb to 4gb each",
    ja: 'ページワーカー 1 つのメモリの上限。5 秒続けて超えたワーカーは、処理中のリクエストを終えてから入れ替える。`NODE_OPTIONS` に `--max-old-space-size` がなければ、ヒープの上限でもある。`auto`：タスクのメモリの半分を全ワーカーで分け、それぞれ 128mb から 4gb まで',
  }),
  PAGE_TIMEOUT: duration('0s', 0, {
    en: 'maximum time without a byte from a page that has not begun to answer, then 502. `0s`: no limit, as under `next start`',
    ja: 'ページの応答が始まるまで、無通信のまま待つ時間の上限。過ぎれば 502。`0s`：`next start` と同じく無制限',
  }),
  STOP_DELAY: duration('5s', 0, {
    en: 'graceful shutdown, first part: how long after SIGTERM new requests are still served: until the load balancer sends the task no more of them',
    ja: 'グレースフルシャットダウンの前半。SIGTERM の後、ロードバランサーがタスクへの転送を止めるまで、新しいリクエストの処理を続ける時間',
  }),
  STOP_TIMEOUT: duration('25s', 0, {
    en: 'graceful shutdown, second part: how long after STOP_DELAY requests in flight, `after()` and SIGTERM handlers of pages may take to finish (draining)',
    ja: 'グレースフルシャットダウンの後半。STOP_DELAY の後、処理中のリクエストと、ページの `after()`・SIGTERM ハンドラーが完了するのを待つ時間（ドレイン）',
  }),
}

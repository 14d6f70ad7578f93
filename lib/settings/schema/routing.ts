import { all, host, isPath, listOf, parseOrigin, port, setting } from '../kinds.ts'
import { parseToken } from '../secret.ts'

/** Which paths go to the API, and where the front and its inner listeners are. */
export const ROUTING = {
  BACKEND_ORIGIN: setting(
    {
      initial: '',
      accepts: {
        en: 'origin of the API, without a path: https://api.dev.jp or https://api.dev.jp:8443 (for another path at the API: a route in gatehouse.config.ts)',
        ja: 'API のオリジン（パスなし）。例：https://api.dev.jp、https://api.dev.jp:8443（API 側のパスが異なる場合は gatehouse.config.ts のルート）',
      },
      meaning: {
        en: 'origin of the API, the upstream: `https://api.dev.jp`, any port. Must be set, unless gatehouse.config.ts has the routes',
        ja: 'API（アップストリーム）のオリジン。`https://api.dev.jp` のように書く。ポートは任意。gatehouse.config.ts にルートがなければ必須',
      },
    },
    parseOrigin,
  ),
  BACKEND_PATHS: setting(
    {
      initial: '/user/login',
      accepts: {
        en: 'paths such as /user/login, comma separated, without a query, dot segments, patterns or a slash at the end',
        ja: '/user/login のようなパスをカンマ区切りで。クエリ、ドットセグメント、パターン、末尾のスラッシュは不可',
      },
      meaning: {
        en: 'paths that are proxied to the API, each with everything below it, at a segment boundary; comma separated',
        ja: 'API へプロキシするパス。それぞれ、セグメント単位で配下すべてを含む。カンマ区切り',
      },
    },
    text => all(text, isPath),
  ),
  LOGIN_PATHS: setting(
    {
      initial: '',
      accepts: {
        en: 'paths such as /user/login, comma separated, each one of BACKEND_PATHS or below one',
        ja: '/user/login のようなパスをカンマ区切りで。BACKEND_PATHS のパス、またはその配下に限る',
      },
      meaning: {
        en: 'paths of logins, each with everything below it: they get the strict path check, the cross-site (CSRF) check and the rate limits for logins. Empty: `/user/login` where it is among `BACKEND_PATHS`, else the first of them',
        ja: 'ログインのパス。それぞれ配下すべてを含む。パスの厳格な検査、クロスサイト検査（CSRF 対策）、ログインのレート制限の対象になる。空なら、`BACKEND_PATHS` に `/user/login` があればそれ、なければ先頭のパス',
      },
    },
    text => listOf(text, isPath),
  ),
  HOST: host('0.0.0.0', {
    en: 'address that the public listener binds',
    ja: '公開リスナーがバインドするアドレス',
  }),
  PORT: port('4000', { en: 'port of the public listener', ja: '公開リスナーのポート' }),
  HEALTH_PREFIX: setting(
    {
      initial: '',
      accepts: {
        en: 'a path such as /_gatehouse, without a slash at the end',
        ja: '/_gatehouse のようなパス。末尾のスラッシュは不可',
      },
      meaning: {
        en: 'prefix of `/healthz` (liveness) and `/readyz` (readiness), for an app that has such pages itself: `/_gatehouse`. Empty: none',
        ja: '`/healthz`（liveness）と `/readyz`（readiness）の前に付けるパス。アプリ自身が同じページを持つ場合に使う：`/_gatehouse`。空なら付けない',
      },
    },
    text => (/^((\/[\w~-][\w.~-]*)+)?$/.test(text) ? text : undefined),
  ),
  ADMIN_HOST: host('127.0.0.1', {
    en: 'address that the admin listener (health, state, metrics) binds; another one than loopback needs ADMIN_TOKEN. It is never reachable through the public listener',
    ja: '管理用リスナー（ヘルスチェック、状態、メトリクス）がバインドするアドレス。ループバック以外にするには ADMIN_TOKEN が必要。公開リスナーからは決して到達できない',
  }),
  ADMIN_TOKEN: setting<Buffer | null>(
    {
      initial: '',
      accepts: {
        en: '32 to 256 letters, digits and - . _ ~ + / (and = at the end), from a secret; `openssl rand -hex 32` makes one',
        ja: '英数字と - . _ ~ + /（末尾に =）で 32 から 256 文字。シークレットで渡す（作成例：`openssl rand -hex 32`）',
      },
      meaning: {
        en: 'token without which the admin listener answers nothing but health: as `Authorization: Bearer …`, or as the password of HTTP Basic with any user name. Empty: it asks for none, and ADMIN_HOST must be loopback',
        ja: '管理用リスナーのトークン。これがなければヘルスチェック以外には応答しない。`Authorization: Bearer …`、または HTTP Basic のパスワード（ユーザー名は任意）として送る。空ならトークンなしで読めるが、ADMIN_HOST はループバックに限る',
      },
    },
    parseToken,
  ),
  ADMIN_PORT: port('4001', { en: 'port of the admin listener', ja: '管理用リスナーのポート' }),
  EGRESS_PORT: port('4002', {
    en: 'port, on loopback only, at which pages reach the API; they find it in `BACKEND_URL`',
    ja: 'ページが API を呼ぶためのポート。ループバック専用で、ページからは `BACKEND_URL` で参照する',
  }),
}

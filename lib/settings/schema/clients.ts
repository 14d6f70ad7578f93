import { parseAddressHeader, parseAddressProof } from '../client-address.ts'
import { all, isPath, isProxyRange, limit, listOf, parseStore, setting } from '../kinds.ts'
import { parseAllowedOrigins, parsePublicOrigins } from '../origins.ts'

/** Who a client is, which sites may send logins, and how many of them may fail. */
export const CLIENTS = {
  PUBLIC_ORIGIN: setting(
    {
      initial: '',
      accepts: {
        en: 'origins as browsers send them, comma separated: https://www.dev.jp, https://shop.dev.jp:8443 (no path, no slash at the end, no *, no default port)',
        ja: 'ブラウザーが送るオリジンをカンマ区切りで。例：https://www.dev.jp, https://shop.dev.jp:8443（パス、末尾のスラッシュ、*、既定のポートは不可）',
      },
      meaning: {
        en: 'origins by which visitors reach this site: `https://www.dev.jp`, comma separated. Empty: what Host and the trusted proxies say',
        ja: '訪問者がこのサイトにアクセスするときのオリジン。`https://www.dev.jp` のように、カンマ区切り。空なら Host と信頼するプロキシの値に従う',
      },
    },
    parsePublicOrigins,
  ),
  ALLOWED_ORIGINS: setting(
    {
      initial: '',
      accepts: {
        en: 'origins as browsers send them, comma separated: https://app.dev.jp, https://www.dev.jp:8443, capacitor://localhost (no path, no slash at the end, no *, no default port; not null, which any page can have: CALLBACK_PATHS is for SSO)',
        ja: 'ブラウザーが送るオリジンをカンマ区切りで。例：https://app.dev.jp, https://www.dev.jp:8443, capacitor://localhost（パス、末尾のスラッシュ、*、既定のポートは不可。どのページも名乗れる null も不可。SSO には CALLBACK_PATHS を使う）',
      },
      meaning: {
        en: 'origins of other sites and apps whose pages may log in here: `https://app.dev.jp`, `capacitor://localhost`, comma separated. Empty: none',
        ja: 'ここへのログインを許す他サイトやアプリのオリジン。`https://app.dev.jp`、`capacitor://localhost` のように、カンマ区切り。空ならなし',
      },
    },
    parseAllowedOrigins,
  ),
  CALLBACK_PATHS: setting(
    {
      initial: '',
      accepts: {
        en: 'paths such as /user/login/saml/acs, comma separated, without a query, dot segments, patterns or a slash at the end',
        ja: '/user/login/saml/acs のようなパスをカンマ区切りで。クエリ、ドットセグメント、パターン、末尾のスラッシュは不可',
      },
      meaning: {
        en: 'exact paths to which an identity provider has the browser POST (SAML, OIDC `form_post`): such a POST passes the cross-site (CSRF) check. Empty: none',
        ja: 'ID プロバイダーがブラウザーに POST させるパス（SAML、OIDC の `form_post`）。完全一致。そこへの POST はクロスサイト検査（CSRF 対策）の対象外になる。空ならなし',
      },
    },
    text => listOf(text, isPath),
  ),
  LOGIN_LIMIT: limit({
    en: 'rate limit for failed logins (401, 403) of one client address: `10/1m`; further logins get 429. Empty: no limit',
    ja: 'クライアントアドレス 1 つあたりのログイン失敗（401、403）のレート制限。`10/1m` のように書き、超えると 429。空なら無制限',
  }),
  LOGIN_LIMIT_ACCOUNT: limit({
    en: 'rate limit for failed logins (401, 403) of one account name, from any address: `10/1m`; further logins get 429. Empty: no limit',
    ja: 'アカウント名 1 つあたりのログイン失敗（401、403）のレート制限。アドレスは問わない。`10/1m` のように書き、超えると 429。空なら無制限',
  }),
  LIMIT_STORE: setting<URL | null>(
    {
      initial: '',
      accepts: {
        en: 'a Valkey or Redis server: redis://host:6379, rediss://user:password@host:6379/0 (a % of the password is written %25)',
        ja: 'Valkey または Redis のサーバー。例：redis://host:6379、rediss://user:password@host:6379/0（パスワードの % は %25 と書く）',
      },
      meaning: {
        en: 'Valkey or Redis in which all tasks count failed logins together: `redis://…` or `rediss://…`. Empty: each task counts for itself',
        ja: '全タスクでログイン失敗の回数を共有する Valkey または Redis：`redis://…` または `rediss://…`。空ならタスクごとに数える',
      },
    },
    text => (text === '' ? null : parseStore(text)),
  ),
  TRUSTED_PROXIES: setting(
    {
      initial: 'loopback, linklocal, uniquelocal',
      accepts: {
        en: 'IP addresses, subnets (10.0.0.0/8) or loopback, linklocal, uniquelocal, comma separated',
        ja: 'IP アドレス、サブネット（10.0.0.0/8）、または loopback、linklocal、uniquelocal をカンマ区切りで',
      },
      meaning: {
        en: 'proxies whose X-Forwarded-* headers are trusted: addresses, subnets, or the names `loopback`, `linklocal` and `uniquelocal`',
        ja: 'X-Forwarded-* を信頼するプロキシ。アドレス、サブネット、または `loopback`、`linklocal`、`uniquelocal`',
      },
    },
    text => all(text, isProxyRange),
  ),
  CLIENT_ADDRESS_HEADER: setting(
    {
      initial: '',
      accepts: {
        en: 'the name of a header with one address in it, such as CloudFront-Viewer-Address',
        ja: 'アドレスが 1 つ入ったヘッダーの名前。例：CloudFront-Viewer-Address',
      },
      meaning: {
        en: "header in which a CDN sends the client's address, such as `CloudFront-Viewer-Address`; needs CLIENT_ADDRESS_PROOF. Empty: X-Forwarded-For has it",
        ja: 'CDN がクライアントのアドレスを入れるヘッダー。`CloudFront-Viewer-Address` など。CLIENT_ADDRESS_PROOF が必要。空なら X-Forwarded-For に従う',
      },
    },
    parseAddressHeader,
  ),
  CLIENT_ADDRESS_PROOF: setting(
    {
      initial: '',
      accepts: {
        en: 'network, or headers each with a secret of 16 characters or more, without spaces and commas: X-Origin-Verify: 9f86d081884c7d65',
        ja: 'network、またはヘッダーと 16 文字以上のシークレット（空白とカンマは不可）。例：X-Origin-Verify: 9f86d081884c7d65',
      },
      meaning: {
        en: 'condition under which CLIENT_ADDRESS_HEADER is trusted: the request has this header with this secret, `X-Origin-Verify: …`, which the CDN adds; or `network`: only the CDN can reach the load balancer',
        ja: 'CLIENT_ADDRESS_HEADER を信頼する条件。CDN が付けるヘッダーとシークレット（`X-Origin-Verify: …`）、またはロードバランサーに到達できるのが CDN だけなら `network`',
      },
    },
    parseAddressProof,
  ),
  HSTS: setting(
    {
      initial: '',
      accepts: {
        en: 'max-age in seconds, then includeSubDomains and preload if you want them: max-age=31536000; includeSubDomains',
        ja: '秒数の max-age と、必要なら includeSubDomains、preload。例：max-age=31536000; includeSubDomains',
      },
      meaning: {
        en: 'value of `Strict-Transport-Security` on every response to a request over https: `max-age=31536000`. Empty: none. Browsers keep to it for that time, whatever you set later',
        ja: 'https で届いたリクエストへの応答すべてに付ける `Strict-Transport-Security`：`max-age=31536000`。空なら付けない。ブラウザーは、後から設定を変えてもこの期間は従い続ける',
      },
    },
    text =>
      text === '' || /^max-age=\d{1,10}( *; *(includeSubDomains|preload))*$/i.test(text) ? text : undefined,
  ),
}

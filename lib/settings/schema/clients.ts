import { parseAddressHeader, parseAddressProof } from '../client-address.ts'
import { all, isProxyRange, limit, parseStore, paths, setting } from '../kinds.ts'
import { parseAllowedOrigins, parsePublicOrigins } from '../origins.ts'

/** Who a client is, which sites may send logins, and how many of them may fail. */
export const CLIENTS = {
  PUBLIC_ORIGIN: setting(
    {
      initial: '',
      accepts:
        'origins as browsers show them, comma separated: https://www.dev.jp, https://shop.dev.jp:8443 (no path, no slash at the end, no *, no default port)',
      meaning:
        'origins by which visitors reach this site: `https://www.dev.jp`, comma separated. Empty: what Host and the trusted proxies say',
    },
    parsePublicOrigins,
  ),
  ALLOWED_ORIGINS: setting(
    {
      initial: '',
      accepts:
        'origins as browsers send them, comma separated: https://app.dev.jp, https://www.dev.jp:8443, capacitor://localhost (no path, no slash at the end, no *, no default port; not null, which any page can have: CALLBACK_PATHS is for SSO)',
      meaning:
        'origins of other sites and apps whose pages may log in here: `https://app.dev.jp`, `capacitor://localhost`, comma separated. Empty: none',
    },
    parseAllowedOrigins,
  ),
  CALLBACK_PATHS: setting(
    {
      initial: '',
      accepts:
        'paths such as /user/login/saml/acs, comma separated, without a query, dots or a slash at the end',
      meaning:
        'exact paths to which an identity provider has the browser POST (SAML, OIDC `form_post`): such a POST passes the cross-site (CSRF) check. Empty: none',
    },
    text => (text === '' ? Object.freeze([]) : paths(text)),
  ),
  LOGIN_LIMIT: limit(
    'rate limit for failed logins (401, 403) of one client address: `10/1m`; more get 429. Empty: no limit',
  ),
  LOGIN_LIMIT_ACCOUNT: limit(
    'rate limit for failed logins (401, 403) of one account name, from any address: `10/1m`; more get 429. Empty: no limit',
  ),
  LIMIT_STORE: setting<URL | null>(
    {
      initial: '',
      accepts: 'a Valkey or Redis server: redis://host:6379, rediss://user:password@host:6379/0',
      meaning:
        'Valkey or Redis in which all tasks count failed logins together: `redis://…` or `rediss://…`. Empty: each task counts for itself',
    },
    text => (text === '' ? null : parseStore(text)),
  ),
  TRUSTED_PROXIES: setting(
    {
      initial: 'loopback, linklocal, uniquelocal',
      accepts: 'IP addresses, subnets (10.0.0.0/8) or loopback, linklocal, uniquelocal, comma separated',
      meaning: 'proxies whose X-Forwarded-* headers are trusted: addresses, subnets or these names',
    },
    text => all(text, isProxyRange),
  ),
  CLIENT_ADDRESS_HEADER: setting(
    {
      initial: '',
      accepts: 'the name of a header with one address in it, such as CloudFront-Viewer-Address',
      meaning:
        "header in which a CDN sends the client's address, such as `CloudFront-Viewer-Address`; needs CLIENT_ADDRESS_PROOF. Empty: X-Forwarded-For has it",
    },
    parseAddressHeader,
  ),
  CLIENT_ADDRESS_PROOF: setting(
    {
      initial: '',
      accepts:
        'network, or headers each with a secret of 16 characters or more, without spaces and commas: X-Origin-Verify: 9f86d081884c7d65',
      meaning:
        'condition under which CLIENT_ADDRESS_HEADER is trusted: the request has this header with this secret, `X-Origin-Verify: …`, which the CDN adds; or `network`: only the CDN can reach the load balancer',
    },
    parseAddressProof,
  ),
  HSTS: setting(
    {
      initial: '',
      accepts:
        'max-age in seconds, then includeSubDomains and preload if you want them: max-age=31536000; includeSubDomains',
      meaning:
        'value of `Strict-Transport-Security` on every response to a request over https: `max-age=31536000`. Empty: none. Browsers keep to it for that time, whatever you set later',
    },
    text =>
      text === '' || /^max-age=\d{1,10}( *; *(includeSubDomains|preload))*$/i.test(text) ? text : undefined,
  ),
}

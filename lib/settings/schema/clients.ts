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
        'the origins by which visitors reach this front: `https://www.dev.jp`, comma separated; empty: what Host and the trusted proxies say',
    },
    parsePublicOrigins,
  ),
  ALLOWED_ORIGINS: setting(
    {
      initial: '',
      accepts:
        'origins as browsers send them, comma separated: https://app.dev.jp, https://www.dev.jp:8443, capacitor://localhost (no path, no slash at the end, no *, no default port; not null, which any page can have: CALLBACK_PATHS is for SSO)',
      meaning:
        'other sites and apps whose pages may log in here: `https://app.dev.jp`, `capacitor://localhost`, comma separated; empty: none',
    },
    parseAllowedOrigins,
  ),
  CALLBACK_PATHS: setting(
    {
      initial: '',
      accepts:
        'paths such as /user/login/saml/acs, comma separated, without a query, dots or a slash at the end',
      meaning:
        'exact paths to which an identity provider has the browser POST (SAML, OIDC `form_post`): the cross-site check leaves POST there to the API; empty: none',
    },
    text => (text === '' ? Object.freeze([]) : paths(text)),
  ),
  LOGIN_LIMIT: limit(
    'failed logins (401, 403) that one client address may have: `10/1m`, then 429; empty: no limit',
  ),
  LOGIN_LIMIT_ACCOUNT: limit('the same for one account name, whatever the address'),
  LIMIT_STORE: setting<URL | null>(
    {
      initial: '',
      accepts: 'a Valkey or Redis server: redis://host:6379, rediss://user:password@host:6379/0',
      meaning: 'where all tasks count together: `redis://…` or `rediss://…`; empty: each counts for itself',
    },
    text => (text === '' ? null : parseStore(text)),
  ),
  TRUSTED_PROXIES: setting(
    {
      initial: 'loopback, linklocal, uniquelocal',
      accepts: 'IP addresses, subnets (10.0.0.0/8) or loopback, linklocal, uniquelocal, comma separated',
      meaning: 'whose X-Forwarded-* is believed: addresses, subnets or these names',
    },
    text => all(text, isProxyRange),
  ),
  CLIENT_ADDRESS_HEADER: setting(
    {
      initial: '',
      accepts: 'the name of a header with one address in it, such as CloudFront-Viewer-Address',
      meaning:
        "a CDN's header with the client's address, such as `CloudFront-Viewer-Address`; needs CLIENT_ADDRESS_PROOF; empty: X-Forwarded-For says it",
    },
    parseAddressHeader,
  ),
  CLIENT_ADDRESS_PROOF: setting(
    {
      initial: '',
      accepts:
        'network, or headers each with a secret of 16 characters or more, without spaces and commas: X-Origin-Verify: 9f86d081884c7d65',
      meaning:
        'when CLIENT_ADDRESS_HEADER is believed: with this header and secret, `X-Origin-Verify: …`, which the CDN adds; or `network`: nobody but the CDN can reach the load balancer',
    },
    parseAddressProof,
  ),
  HSTS: setting(
    {
      initial: '',
      accepts:
        'max-age in seconds, then includeSubDomains and preload if you want them: max-age=31536000; includeSubDomains',
      meaning:
        '`Strict-Transport-Security` on every answer to a request over https: `max-age=31536000`; empty: none. Browsers keep to it for that time, whatever you set later',
    },
    text =>
      text === '' || /^max-age=\d{1,10}( *; *(includeSubDomains|preload))*$/i.test(text) ? text : undefined,
  ),
}

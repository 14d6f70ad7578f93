/** What a person has to do about a directive. */
export type Kind =
  /** something that Nginx did and Gatehouse does not */
  | 'none'
  /** it depends: a person must look */
  | 'look'
  /** Gatehouse does so by itself */
  | 'same'

/** Directives whose values become no setting. */
const WORDS: Readonly<Record<string, readonly [Kind, string]>> = {
  access_log: ['same', 'a line of JSON for each request on stdout'],
  add_header: [
    'look',
    'headers() in next.config.js sets it for the pages; to the answers of the API nothing is added',
  ],
  alias: [
    'look',
    'the build and public/ come from the memory of the front; other files have to be moved to public/',
  ],
  allow: ['none', 'who may come is for the security group or the public ALB to say'],
  auth_basic: ['none', 'a page, proxy.ts or the public ALB has to ask who it is'],
  auth_request: ['none', 'a page, proxy.ts or the public ALB has to ask who it is'],
  charset: ['same', 'Next says it for its pages'],
  client_body_buffer_size: ['same', 'a small login body is read before the backend is asked'],
  client_body_timeout: ['same', '10 s without a byte, 60 s in all, then 408'],
  client_header_buffer_size: ['same', 'a head may have 16 KB'],
  client_header_timeout: ['same', '15 s, then 408'],
  default_type: ['same', 'by the name of the file'],
  deny: ['none', 'who may come is for the security group or the public ALB to say'],
  error_log: ['same', 'a line of JSON on stdout; LOG_LEVEL says from which level on'],
  error_page: [
    'none',
    "the API's own errors are passed on; those of the front are JSON, or a small page for a browser",
  ],
  etag: ['same', 'static files have one'],
  events: ['same', 'is about Nginx itself'],
  expires: ['same', 'a year for what the build names by its content; the rest is asked for anew'],
  gzip: [
    'same',
    'static files are compressed by the build, pages by Next; what the API sends is passed on as it is',
  ],
  http2: ['none', 'HTTP/2 and TLS end at the public ALB'],
  if: ['look', 'conditions are not translated; redirects() in next.config.js or proxy.ts has them for pages'],
  ignore_invalid_headers: ['same', 'a malformed header is refused: docs/requests.md'],
  include: ['look', 'there is no such file here, so what it says is missing below'],
  index: ['look', 'a page answers at a folder, not a file'],
  internal: ['same', 'nothing is served that the app does not serve'],
  keepalive: ['same', 'connections to the backend are pooled'],
  keepalive_requests: ['same', 'no limit'],
  keepalive_timeout: ['same', '75 s for a client, so that the public ALB is the one that closes'],
  large_client_header_buffers: ['same', 'a head may have 16 KB'],
  limit_conn: ['none', '8192 connections in all; the public ALB or AWS WAF has the finer limits'],
  limit_req_status: ['same', '429'],
  log_format: ['same', 'a line of JSON for each request on stdout'],
  map: ['look', 'what it is for is not translated'],
  merge_slashes: ['same', 'a login path with two slashes is refused: docs/requests.md'],
  pid: ['same', 'is about Nginx itself'],
  proxy_bind: ['none', 'the address of the task is the one that the backend sees'],
  proxy_buffering: ['same', 'answers are passed on as they come'],
  proxy_cache: [
    'none',
    'answers of the API are never kept; pages are kept by Next, static files by the front',
  ],
  proxy_cookie_domain: ['none', 'cookies of the API are passed on as they are'],
  proxy_cookie_path: ['none', 'cookies of the API are passed on as they are'],
  proxy_hide_header: ['none', 'what the API sends is passed on, but for hop-by-hop headers'],
  proxy_http_version: ['same', 'HTTP/1.1'],
  proxy_ignore_headers: ['same', 'answers of the API are never kept'],
  proxy_intercept_errors: ['none', "the API's own errors are passed on"],
  proxy_max_temp_file_size: ['same', 'nothing is written to a disk'],
  proxy_pass_header: ['same', 'what the API sends is passed on'],
  proxy_pass_request_body: ['none', 'the body is sent along'],
  proxy_pass_request_headers: ['none', 'the headers are sent along'],
  proxy_request_buffering: [
    'same',
    'a small login body is read before the backend is asked, a large one is passed on',
  ],
  proxy_send_timeout: ['same', 'BACKEND_TIMEOUT, which counts from the last byte that went either way'],
  proxy_socket_keepalive: ['same', 'dead connections are noticed and closed'],
  proxy_ssl_certificate: ['none', 'the front shows no certificate of its own to the backend'],
  proxy_ssl_certificate_key: ['none', 'see proxy_ssl_certificate'],
  proxy_ssl_ciphers: ['same', "Node's"],
  proxy_ssl_server_name: ['same', 'the name is always sent'],
  proxy_ssl_session_reuse: ['same', 'sessions are resumed'],
  proxy_ssl_verify_depth: ['same', 'the whole chain is verified'],
  proxy_store: ['none', 'nothing is written to a disk'],
  proxy_temp_path: ['same', 'nothing is written to a disk'],
  real_ip_recursive: ['same', 'the client is the last address that is not trusted'],
  resolver_timeout: ['same', 'DNS is asked in the background, never on the way of a login'],
  return: ['look', 'redirects() in next.config.js does it for pages'],
  rewrite: ['look', 'rewrites() in next.config.js does it for pages; a login keeps its path'],
  root: [
    'look',
    'the build and public/ come from the memory of the front; other files have to be moved to public/',
  ],
  satisfy: ['none', 'who may come is for the security group or the public ALB to say'],
  send_timeout: ['same', '60 s without a byte, then the connection ends'],
  sendfile: ['same', 'is about Nginx itself'],
  server_name: ['same', 'any name is served; a rule of the public ALB may have one'],
  server_tokens: ['same', 'the front sends no Server header'],
  set: ['same', 'followed to where it is used'],
  split_clients: ['look', 'what it is for is not translated'],
  ssl_certificate: ['none', 'TLS ends at the public ALB'],
  stub_status: ['same', '/metrics and the status page, at ADMIN_PORT'],
  sub_filter: ['none', 'nothing is changed in an answer'],
  tcp_nodelay: ['same', 'always'],
  tcp_nopush: ['same', 'is about Nginx itself'],
  try_files: ['same', 'a file of the build or of public/ goes before a page'],
  types: ['same', 'by the name of the file'],
  underscores_in_headers: ['none', 'a header with an underscore in its name stays behind'],
  upstream: ['same', 'followed to where it is used; the addresses of its name are spread over'],
  user: ['same', 'is about Nginx itself'],
  worker_processes: ['same', 'PAGE_WORKERS processes render pages, one serves the rest'],
}

/** Directives by how their names begin, and the one whose words they share. */
const FAMILIES: readonly (readonly [prefix: string, like: string])[] = [
  ['auth_basic_', 'auth_basic'],
  ['brotli', 'gzip'],
  ['gzip_', 'gzip'],
  ['limit_conn_', 'limit_conn'],
  ['proxy_buffer', 'proxy_buffering'],
  ['proxy_busy_buffers', 'proxy_buffering'],
  ['proxy_cache_', 'proxy_cache'],
  ['ssl_', 'ssl_certificate'],
  ...[
    'accept_mutex',
    'aio',
    'directio',
    'load_module',
    'map_hash_',
    'multi_accept',
    'open_file_cache',
    'proxy_headers_hash_',
    'server_names_hash_',
    'types_hash_',
    'variables_hash_',
    'worker_',
  ].map(prefix => [prefix, 'sendfile'] as const),
]

/** What is to be said of a directive; undefined where it is not known. */
export function wordsFor(name: string): readonly [Kind, string] | undefined {
  if (Object.hasOwn(WORDS, name)) return WORDS[name]
  const [, like = ''] = FAMILIES.find(([prefix]) => name.startsWith(prefix)) ?? []
  return WORDS[like]
}

/** Directives whose values are read: settings.ts, headers.ts, tls.ts. */
export const READ = [
  'client_max_body_size',
  'limit_req',
  'limit_req_zone',
  'listen',
  'location',
  'proxy_connect_timeout',
  'proxy_next_upstream',
  'proxy_pass',
  'proxy_read_timeout',
  'proxy_redirect',
  'proxy_set_header',
  'proxy_ssl_name',
  'proxy_ssl_protocols',
  'proxy_ssl_trusted_certificate',
  'proxy_ssl_verify',
  'real_ip_header',
  'resolver',
  'set_real_ip_from',
] as const

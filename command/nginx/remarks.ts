import type { Texts } from './english.ts'
import type { Directive } from './parse.ts'

/** What a person has to do about a directive. */
export type Kind =
  /** Nginx kept somebody out: it is left out, or open */
  | 'guarded'
  /** Nginx did it and Gatehouse does not, or does less of it */
  | 'lost'
  /** it differs, and no app should depend on it; a person may look */
  | 'look'
  /** Gatehouse does so by itself */
  | 'same'

type Remark = readonly [Kind, keyof Texts['remarks']]

/** Directives whose values become no setting, and whose remark they have. */
const REMARKS: Readonly<Record<string, Remark>> = {
  access_log: ['same', 'access_log'],
  absolute_redirect: ['look', 'absolute_redirect'],
  auth_jwt: ['look', 'allow'],
  geo: ['look', 'map'],
  geoip2: ['look', 'map'],
  limit_except: ['look', 'allow'],
  limit_rate: ['lost', 'limit_rate'],
  mirror: ['lost', 'mirror'],
  modsecurity: ['look', 'allow'],
  autoindex: ['look', 'index'],
  more_set_headers: ['lost', 'more_set_headers'],
  proxy_next_upstream_tries: ['look', 'proxy_next_upstream_tries'],
  proxy_method: ['lost', 'proxy_method'],
  proxy_set_body: ['lost', 'proxy_set_body'],
  secure_link: ['look', 'allow'],
  secure_link_md5: ['look', 'allow'],
  secure_link_secret: ['look', 'allow'],
  ssl_verify_client: ['look', 'allow'],
  stream: ['lost', 'stream'],
  mail: ['lost', 'mail'],
  valid_referers: ['look', 'allow'],
  alias: ['look', 'root'],
  allow: ['look', 'allow'],
  auth_basic: ['look', 'allow'],
  auth_request: ['look', 'allow'],
  charset: ['same', 'charset'],
  client_body_buffer_size: ['same', 'client_body_buffer_size'],
  default_type: ['same', 'default_type'],
  deny: ['look', 'allow'],
  error_log: ['same', 'error_log'],
  error_page: ['look', 'error_page'],
  etag: ['same', 'etag'],
  fastcgi_param: ['look', 'fastcgi_param'],
  events: ['same', 'sendfile'],
  expires: ['look', 'expires'],
  gzip: ['look', 'gzip'],
  http2: ['look', 'http2'],
  if: ['lost', 'if'],
  ignore_invalid_headers: ['same', 'ignore_invalid_headers'],
  include: ['lost', 'include'],
  index: ['look', 'index'],
  internal: ['look', 'allow'],
  keepalive: ['same', 'keepalive'],
  keepalive_requests: ['same', 'keepalive_requests'],
  limit_conn: ['lost', 'limit_conn'],
  limit_req_status: ['same', 'limit_req_status'],
  log_format: ['same', 'access_log'],
  map: ['look', 'map'],
  merge_slashes: ['same', 'merge_slashes'],
  pid: ['same', 'sendfile'],
  proxy_bind: ['lost', 'proxy_bind'],
  proxy_buffering: ['same', 'proxy_buffering'],
  proxy_cache: ['lost', 'proxy_cache'],
  proxy_http_version: ['same', 'proxy_http_version'],
  proxy_ignore_headers: ['same', 'proxy_ignore_headers'],
  proxy_intercept_errors: ['lost', 'proxy_intercept_errors'],
  proxy_max_temp_file_size: ['same', 'proxy_store'],
  proxy_pass_header: ['same', 'proxy_pass_header'],
  proxy_pass_request_body: ['lost', 'proxy_pass_request_body'],
  proxy_pass_request_headers: ['lost', 'proxy_pass_request_headers'],
  proxy_request_buffering: ['same', 'proxy_request_buffering'],
  proxy_send_timeout: ['same', 'proxy_send_timeout'],
  proxy_socket_keepalive: ['same', 'proxy_socket_keepalive'],
  proxy_ssl_certificate: ['lost', 'proxy_ssl_certificate'],
  proxy_ssl_certificate_key: ['look', 'proxy_ssl_certificate_key'],
  proxy_ssl_ciphers: ['same', 'proxy_ssl_ciphers'],
  proxy_ssl_server_name: ['same', 'proxy_ssl_server_name'],
  proxy_ssl_session_reuse: ['same', 'proxy_ssl_session_reuse'],
  proxy_ssl_verify_depth: ['same', 'proxy_ssl_verify_depth'],
  proxy_store: ['lost', 'proxy_store'],
  proxy_temp_path: ['same', 'proxy_store'],
  real_ip_recursive: ['same', 'real_ip_recursive'],
  resolver_timeout: ['same', 'resolver_timeout'],
  return: ['lost', 'return'],
  rewrite: ['lost', 'rewrite'],
  root: ['look', 'root'],
  satisfy: ['look', 'allow'],
  sendfile: ['same', 'sendfile'],
  server_name: ['same', 'server_name'],
  server_tokens: ['look', 'server_tokens'],
  set: ['same', 'set'],
  split_clients: ['lost', 'return'],
  ssl: ['lost', 'ssl_certificate'],
  ssl_certificate: ['lost', 'ssl_certificate'],
  stub_status: ['same', 'stub_status'],
  sub_filter: ['lost', 'sub_filter'],
  tcp_nodelay: ['same', 'tcp_nodelay'],
  tcp_nopush: ['same', 'sendfile'],
  try_files: ['same', 'try_files'],
  types: ['same', 'default_type'],
  underscores_in_headers: ['lost', 'underscores_in_headers'],
  upstream: ['same', 'upstream'],
  user: ['same', 'sendfile'],
  worker_processes: ['same', 'worker_processes'],
}

/** How the names of directives begin that are about Nginx itself. */
const OF_NGINX = `
  accept_mutex aio break chunked_transfer_encoding client_body_in_ client_body_temp_path
  connection_pool_size daemon directio disable_symlinks env fastcgi_temp_path if_modified_since
  keepalive_disable keepalive_time lingering_ load_module lock_file log_not_found log_subrequest map_hash_
  master_process max_ranges msie_padding multi_accept open_file_cache open_log_file_cache output_buffers
  pcre_jit port_in_redirect postpone_output proxy_headers_hash_ proxy_send_lowat proxy_temp_file_write_size
  read_ahead recursive_error_pages referer_hash_ request_pool_size reset_timedout_connection rewrite_log
  scgi_temp_path server_name_in_redirect server_names_hash_ subrequest_output_buffer_size thread_pool
  timer_resolution types_hash_ uninitialized_variable_warn uwsgi_temp_path variables_hash_ worker_
`
  .trim()
  .split(/\s+/)

/** Directives by how their names begin, and the one whose remark they share. */
const FAMILIES: readonly (readonly [prefix: string, like: string])[] = [
  ['access_by_lua', 'auth_basic'],
  ['auth_', 'auth_basic'],
  ['rewrite_by_lua', 'auth_basic'],
  ['brotli', 'gzip'],
  ['gzip_', 'gzip'],
  ['limit_conn_', 'limit_conn'],
  ['proxy_buffers', 'proxy_buffering'],
  ['proxy_busy_buffers', 'proxy_buffering'],
  ['proxy_cache_', 'proxy_cache'],
  ['proxy_no_cache', 'proxy_cache'],
  ['proxy_next_upstream_', 'proxy_next_upstream_tries'],
  ['proxy_limit_rate', 'limit_rate'],
  ['charset_types', 'charset'],
  ['ssl_client_', 'ssl_verify_client'],
  ['ssl_certificate', 'ssl_certificate'],
  ['ssl_', 'http2'],
  ['http2_', 'http2'],
  ['http3', 'http2'],
  ['quic_', 'http2'],
  ['sub_filter_', 'sub_filter'],
  ['limit_rate_', 'limit_rate'],
  ...OF_NGINX.map(prefix => [prefix, 'sendfile'] as const),
  ...['fastcgi_', 'uwsgi_', 'scgi_', 'grpc_'].map(prefix => [prefix, 'fastcgi_param'] as const),
]

/** What is to be said of a directive; undefined where it is not known. */
export function remarkFor(name: string): Remark | undefined {
  if (Object.hasOwn(REMARKS, name)) return REMARKS[name]
  const [, like = ''] = FAMILIES.find(([prefix]) => name.startsWith(prefix)) ?? []
  return REMARKS[like]
}

/** Nginx's defaults that boilerplate writes out, where Gatehouse does the same. */
const DEFAULTS: Readonly<Record<string, string>> = {
  autoindex: 'off',
  limit_rate: '0',
  proxy_bind: 'off',
  proxy_force_ranges: 'off',
  proxy_ignore_client_abort: 'off',
  proxy_intercept_errors: 'off',
  proxy_pass_request_body: 'on',
  proxy_pass_request_headers: 'on',
  proxy_store: 'off',
  underscores_in_headers: 'off',
}

export const isDefault = ({ name, args }: Directive): boolean =>
  Object.hasOwn(DEFAULTS, name) && DEFAULTS[name] === args[0]

/** Directives whose values are read: settings.ts, values.ts, headers.ts, tls.ts, fallbacks.ts. */
export const READ: ReadonlySet<string> = new Set([
  'add_header',
  'charset',
  'client_body_timeout',
  'client_header_buffer_size',
  'client_header_timeout',
  'client_max_body_size',
  'error_page',
  'expires',
  'keepalive_timeout',
  'large_client_header_buffers',
  'limit_req',
  'limit_req_zone',
  'listen',
  'location',
  'merge_slashes',
  'proxy_buffer_size',
  'proxy_connect_timeout',
  'proxy_cookie_domain',
  'proxy_cookie_flags',
  'proxy_cookie_path',
  'proxy_hide_header',
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
  'send_timeout',
  'set_real_ip_from',
  'try_files',
])

/** Whether anything is to be said of a directive, or its value is read. */
export const isKnown = (name: string): boolean => remarkFor(name) !== undefined || READ.has(name)

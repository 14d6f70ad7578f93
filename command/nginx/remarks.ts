import { english, type Texts } from './english.ts'
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

type Key = keyof Texts['remarks']
type Remark = readonly [Kind, Key]

const words = (text: string) => text.trim().split(/\s+/)

/** What there is to do about a directive that has a remark of its own, and whose value becomes no setting; else it is lost. */
const LOOK = new Set(
  words(
    'absolute_redirect allow error_page expires fastcgi_param gzip http2 index map proxy_next_upstream_tries root server_tokens',
  ),
)
const SAME = new Set(
  words(`
    access_log charset default_type error_log etag ignore_invalid_headers keepalive keepalive_requests limit_req_status merge_slashes proxy_buffering
    proxy_http_version proxy_pass_header proxy_request_buffering proxy_send_timeout proxy_ssl_ciphers proxy_ssl_verify_depth real_ip_recursive
    resolver_timeout sendfile server_name set stub_status tcp_nodelay try_files upstream worker_processes
  `),
)
const kindOf = (key: Key): Kind => (LOOK.has(key) ? 'look' : SAME.has(key) ? 'same' : 'lost')

/** Directives that share the remark of another. */
const ALIKE: readonly (readonly [like: Key, names: readonly string[], kind?: Kind])[] = [
  ['access_log', ['log_format']],
  [
    'allow',
    words(`deny internal limit_except modsecurity satisfy secure_link secure_link_md5 secure_link_secret ssl_verify_client
      valid_referers`),
  ],
  ['default_type', ['types']],
  ['error_page', ['proxy_intercept_errors'], 'lost'],
  ['index', ['autoindex']],
  ['map', ['geo', 'geoip2', 'split_clients']],
  ['proxy_cache', ['proxy_ignore_headers'], 'same'],
  ['proxy_method', words('proxy_set_body proxy_pass_request_body proxy_pass_request_headers')],
  ['proxy_request_buffering', ['client_body_buffer_size']],
  ['proxy_ssl_certificate', ['proxy_ssl_certificate_key']],
  ['proxy_store', ['proxy_max_temp_file_size', 'proxy_temp_path'], 'same'],
  ['root', ['alias']],
  ['sendfile', ['events', 'pid', 'tcp_nopush', 'user']],
  ['ssl_certificate', ['ssl']],
  ['stream', ['mail']],
  ['tcp_nodelay', words('proxy_socket_keepalive proxy_ssl_server_name proxy_ssl_session_reuse')],
]

/** The same by how names begin; the first that fits counts. */
const FAMILIES: readonly (readonly [like: Key, prefixes: readonly string[]])[] = [
  ['allow', ['access_by_lua', 'auth_', 'rewrite_by_lua', 'ssl_client_']],
  ['charset', ['charset_types']],
  ['gzip', ['brotli', 'gzip_']],
  ['limit_conn', ['limit_conn_']],
  ['mirror', ['mirror_']],
  ['limit_rate', ['proxy_limit_rate', 'limit_rate_']],
  ['proxy_buffering', ['proxy_buffers', 'proxy_busy_buffers']],
  ['proxy_cache', ['proxy_cache_', 'proxy_no_cache']],
  ['proxy_next_upstream_tries', ['proxy_next_upstream_']],
  ['ssl_certificate', ['ssl_certificate', 'acme_']],
  ['http2', ['ssl_', 'http2_', 'http3', 'quic_']],
  ['sub_filter', ['sub_filter_']],
  // about Nginx itself
  [
    'sendfile',
    words(`
     accept_mutex aio break chunked_transfer_encoding client_body_in_ client_body_temp_path
     connection_pool_size daemon debug_points directio disable_symlinks env fastcgi_temp_path if_modified_since
     keepalive_disable keepalive_time limit_req_log_level lingering_ load_module lock_file log_not_found log_subrequest map_hash_
     master_process max_ranges msie_padding multi_accept open_file_cache open_log_file_cache output_buffers
     pcre_jit port_in_redirect postpone_output proxy_headers_hash_ proxy_send_lowat proxy_temp_file_write_size
     read_ahead recursive_error_pages referer_hash_ request_pool_size reset_timedout_connection rewrite_log
     scgi_temp_path sendfile_max_chunk server_name_in_redirect server_names_hash_ subrequest_output_buffer_size thread_pool
     timer_resolution types_hash_ uninitialized_variable_warn uwsgi_temp_path variables_hash_ worker_ working_directory
    `),
  ],
  ['fastcgi_param', ['fastcgi_', 'uwsgi_', 'scgi_', 'grpc_', 'memcached_']],
]

/** What is to be said of a directive; undefined where it is not known. */
export function remarkFor(name: string): Remark | undefined {
  if (isKey(name)) return [kindOf(name), name]
  const [like, , kind] =
    ALIKE.find(([, names]) => names.includes(name)) ??
    FAMILIES.find(([, prefixes]) => prefixes.some(each => name.startsWith(each))) ??
    []
  return like && [kind ?? kindOf(like), like]
}

const isKey = (name: string): name is Key => Object.hasOwn(english.remarks, name)

/** Nginx's defaults that boilerplate writes out, where Gatehouse does the same. */
const DEFAULTS = new Set(
  words(`
    autoindex=off limit_rate=0 mirror=off proxy_bind=off proxy_cache=off proxy_force_ranges=off
    proxy_ignore_client_abort=off proxy_intercept_errors=off proxy_pass_request_body=on proxy_pass_request_headers=on
    proxy_store=off ssi=off underscores_in_headers=off
  `),
)

export const isDefault = ({ name, args }: Directive): boolean => DEFAULTS.has(`${name}=${args[0]}`)

/** Directives whose values are read: settings.ts, values.ts, headers.ts. */
export const READ: ReadonlySet<string> = new Set(
  words(`
    add_header client_body_timeout client_header_buffer_size client_header_timeout
    client_max_body_size keepalive_timeout large_client_header_buffers limit_req
    limit_req_zone listen location proxy_buffer_size proxy_connect_timeout proxy_cookie_domain
    proxy_cookie_flags proxy_cookie_path proxy_hide_header proxy_next_upstream proxy_pass proxy_read_timeout
    proxy_redirect proxy_set_header proxy_ssl_name proxy_ssl_protocols proxy_ssl_trusted_certificate
    proxy_ssl_verify real_ip_header resolver return send_timeout set_real_ip_from   `),
)

/** Whether anything is to be said of a directive, or its value is read. */
export const isKnown = (name: string): boolean => remarkFor(name) !== undefined || READ.has(name)

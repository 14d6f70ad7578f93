import { api, testRows } from '../../test/nginx-apis.ts'

testRows([
  [api('proxy_pass_header X-Accel-Redirect;'), 'proxy_pass_header', /^lost: Gatehouse takes X-Accel/],
  [api('proxy_pass_header Server;'), 'proxy_pass_header', /^same/],
  // names of hosts and paths
  [api('proxy_redirect http://a:8080/ /;', '', '', '/'), 'proxy_redirect', /^lost/],
  [api('proxy_redirect http://a:8080/ /api/;', '', '', '/'), 'proxy_redirect', /^same/],
  [
    api('proxy_set_header Host a.jp; proxy_redirect https://a.jp/ /api/;', '', '', '/'),
    'proxy_redirect',
    /^same/,
  ],
  [api('proxy_redirect http://a:8080/ /;'), 'proxy_redirect', /^same/],
  [api('proxy_redirect http://a:8080/ $scheme://$host/api/;', '', '', '/'), 'proxy_redirect', /^same/],
  [api('proxy_redirect https://a:8080 https://$http_host;'), 'proxy_redirect', /^same/],
  [api('proxy_redirect http://a:8080/ https://$host/v2/;'), 'proxy_redirect', /^lost/],
  [api('proxy_redirect http://$host/ https://$host/;'), 'proxy_redirect', /^look/],
  [api('proxy_redirect http:// $scheme://;'), 'proxy_redirect', /^look/],
  [api('proxy_redirect http:// https://other.jp/;'), 'proxy_redirect', /^lost/],
  [api('proxy_redirect / /api/;', '', '', '/'), 'proxy_redirect', /^same/],
  [api('proxy_redirect / /api/;'), 'proxy_redirect', /^lost/],
  [api('proxy_redirect ~^/(.*)$ /api/$1;', '', '', '/'), 'proxy_redirect', /^same/],
  [api('proxy_redirect ~^/(.+)$ /api/$1;', '', '', '/'), 'proxy_redirect', /^lost/],
  [api('proxy_redirect ~^http://(.+)$ https://$1;'), 'proxy_redirect', /^look/],
  // Nginx puts it in place of the whole
  [api('proxy_redirect ~^/ /api/;', '', '', '/'), 'proxy_redirect', /^lost/],
  [api('proxy_redirect http://a:8080/ /api/;'), 'proxy_redirect', /^lost/],
  [api('rewrite ^/api/(.*)$ /$1 break; proxy_redirect http://a:8080/ /;'), 'proxy_redirect', /^lost/],
  [api('proxy_redirect http://a:80801/ /;'), 'proxy_redirect', /^lost/],
  [api('proxy_cookie_path /v1/ /api/;', '', '', '/v1/'), 'proxy_cookie_path', /^same/],
  [api('proxy_cookie_path / /api/;', '', '', '/'), 'proxy_cookie_path', /^lost/],
  [api('proxy_cookie_path / /;', '', '', '/'), 'proxy_cookie_path', /^same/],
  [api('proxy_cookie_path / "/; Secure; HttpOnly";'), 'proxy_cookie_path', /^lost: flags of cookies/],
  [api('proxy_cookie_domain api.internal .dev.jp;'), 'proxy_cookie_domain', /^lost/],
  [api('proxy_cookie_domain api.internal www.dev.jp;'), 'proxy_cookie_domain', /^look/],
  // a cache of the build's files alone, and of pages
  [
    api('', 'location /_next/static { proxy_cache s; proxy_pass http://127.0.0.1:3000; }'),
    'proxy_cache',
    /^same: Gatehouse serves it from the build/,
  ],
  [api('', 'location /blog/ { proxy_cache s; proxy_pass http://127.0.0.1:3000; }'), 'proxy_cache', /^lost/],
  // an upstream of pages alone
  [
    `upstream next { ip_hash; server 127.0.0.1:3000; server 127.0.0.1:3001 backup; }
     server { location / { proxy_pass http://next; } location /api/ { proxy_pass http://a:8080; } }`,
    'ip_hash',
    /^same/,
  ],
  // of all
  [api('proxy_pass_request_headers on;'), 'proxy_pass_request_headers', /^same: Nginx's default/],
  [api('proxy_intercept_errors off;'), 'proxy_intercept_errors', /^same/],
  [api('mirror off;'), 'mirror', /^same/],
  [api('', '', 'sendfile_max_chunk 1m;'), 'sendfile_max_chunk', /^same/],
  [api('proxy_intercept_errors on;'), 'proxy_intercept_errors', /^lost/],
  [
    api(
      '',
      `location /b/ { proxy_pass http://b:80; set_real_ip_from 10.0.0.0/8; }`,
      'set_real_ip_from 10.1.0.0/16;',
    ),
    'set_real_ip_from 10.1',
    /^lost: there is one TRUSTED_PROXIES/,
  ],
  [
    api(
      '',
      `location /b/ { proxy_pass http://b:80; real_ip_header X-Client; }`,
      'set_real_ip_from 10.1.0.0/16; real_ip_header X-Forwarded-For;',
    ),
    'real_ip_header X-Forwarded-For',
    /^lost: there is one/,
  ],
  [
    api('proxy_set_header Host a.jp; proxy_set_header Host b.jp;'),
    'proxy_set_header Host',
    /^lost: a header that is set twice: the first is kept/,
  ],
  [api('proxy_next_upstream error timeout;'), 'proxy_next_upstream', /^same/],
  [
    api('proxy_next_upstream error http_502 http_503;'),
    'proxy_next_upstream',
    /^look: .*which here the visitor gets/,
  ],
  [
    api('proxy_next_upstream off;', 'location = /b { proxy_pass http://b; }'),
    'location = /b',
    /^look: there is one REPLAY for all/,
  ],
  [api('proxy_next_upstream invalid_header;'), 'proxy_next_upstream', /^look/],
  [api('proxy_http_version 1.1;'), 'proxy_http_version', /^same/],
  [api('proxy_http_version 2;'), 'proxy_http_version', /^lost: .*Gatehouse speaks HTTP\/1\.1/],
  [api('proxy_http_version 1.1;', 'proxy_http_version 2;'), 'proxy_http_version 2', undefined],
  [api('proxy_next_upstream_tries 2;'), 'proxy_next_upstream_tries', /^look/],
  [
    api('proxy_connect_timeout 30s;', 'location /b/ { proxy_pass http://b; proxy_connect_timeout 60s; }'),
    'proxy_connect_timeout 30s',
    /^look: it is not taken over/,
  ],
  [
    api('proxy_connect_timeout 3s;', 'location /b/ { proxy_pass http://b; proxy_connect_timeout 60s; }'),
    'proxy_connect_timeout 60s',
    /^look: it is not taken over/,
  ],
  [api('', 'merge_slashes off;'), 'merge_slashes', /^look/],
  [api('', 'merge_slashes on;'), 'merge_slashes', /^same/],
  [api('', 'server_tokens off;'), 'server_tokens', /^look: .*the API's is passed on/],
  [
    `resolver 10.0.0.2; server { set $a a; location / { proxy_pass http://127.0.0.1:3000; } location /b/ { proxy_pass http://$a; }
     location /api/ { proxy_pass http://$a; resolver 10.0.0.3; } }`,
    'resolver 10.0.0.3',
    /^lost/,
  ],
])

import { announce, ask, socketAt } from '../requests.ts'
import { type Configuration, FORWARDED, get, SOCKET, site } from './configuration.ts'

/** Paths of which nothing below goes along. */
export const EXACT_PATHS: readonly Configuration[] = [
  {
    name: 'a login with its name in a variable, and the query put back by hand',
    conf: site(
      at => `location = /user/login { set $api ${at.api}; proxy_pass http://$api/user/login$is_args$args; ${FORWARDED} }
       location /user/session { set $api ${at.api}; proxy_pass http://$api/user/session$is_args$args; }
       location /user/ { set $api ${at.api}; proxy_pass http://$api; ${FORWARDED} }`,
    ),
    apis: ['/user'],
    more: [
      ...['/user/session', '/user/session?a=1', '/user/session/x?a=1'].map(each => get(each)),
      get('/user/login'),
      get('/user/login?a=1&b'),
      ask('POST', '/user/login', [], 'a=b'),
    ],
  },
  {
    name: 'exact paths, each with all below it elsewhere',
    conf: site(
      at => `location = /api/v1/login { proxy_pass http://${at.api}; }
       location ^~ /api/ { proxy_pass http://${at.api}; }
       location = /graphql { proxy_pass http://${at.reports}; }
       location /graphql/ { proxy_pass http://${at.reports}; }`,
    ),
    apis: ['/api', '/graphql'],
    more: [
      get('/graphql'),
      ask('POST', '/api/v1/login', ['Content-Type: application/json'], '{"a":1}'),
      get('/api/v1/login/x'),
    ],
  },
  {
    name: 'exact paths of APIs alone: one at another origin, one with another path, one with a slash, a login',
    conf: site(
      at => `location = /api/health { proxy_pass http://${at.reports}; }
       location = /api/v1/ { proxy_pass http://${at.reports}/v2/up; }
       location = /socket { proxy_pass http://${at.realtime}; ${SOCKET} }
       location = /user/login { proxy_pass http://${at.api}/auth/do; ${FORWARDED} }
       location ~ ^/user/(me|logout)$ { proxy_pass http://${at.api}; }
       location = /signup { rewrite ^ /auth/new break; proxy_pass http://${at.api}; }
       location /api/ { proxy_pass http://${at.api}; proxy_read_timeout 30s; }`,
    ),
    apis: ['/api'],
    more: [
      ...['/api/health', '/api/v1/', '/socket', '/user/login', '/user/me', '/signup'].flatMap(path => [
        get(path),
        get(`${path}?a[]=1&b=%2F`),
        get(`${path}/`),
        get(`${path}/x`),
        get(`${path}X`),
        ask('POST', path, [], 'a=b'),
      ]),
      get('//api//health'),
      get('/api/x/../health'),
      get('/api/%68ealth'),
      get('/api/v1'),
      get('/user/login?status=302&location=/elsewhere'),
      ask('POST', '/user/login', ['Origin: https://other.example'], 'a=1'),
      socketAt('/socket'),
      socketAt('/socket/x'),
    ],
  },
  {
    name: 'exact pages within an API, an exact login below it',
    conf: site(
      at => `location = /api { proxy_pass http://${at.pages}; }
       location = /api/docs { proxy_pass http://${at.pages}; }
       location = /api/user/login { proxy_pass http://${at.api}; client_max_body_size 64k; }
       location /api/ { proxy_pass http://${at.api}; }`,
    ),
    apis: ['/api'],
    more: [
      ...['/api', '/api/docs', '/api/user/login'].flatMap(path => [
        get(path),
        get(`${path}?a`),
        get(`${path}/`),
        get(`${path}/x`),
        ask('POST', path, [], 'a=b'),
      ]),
      get('/api//docs'),
      get('/api/%64ocs'),
      announce('/api/user/login', 65 * 1024),
    ],
  },
  {
    name: 'paths written by hand, without the query',
    conf: site(
      at => `location ~ ^/plain/v1/(.*)$ { proxy_pass http://${at.api}/v2/$1; }
       location ~ ^/plain/(?<rest>.*)$ { proxy_pass http://${at.reports}/$rest; }`,
    ),
    apis: ['/plain', '/plain/v1'],
    more: ['/plain', '/plain/', '/plain/v1', '/plain/v1/', '/plainx'].map(each => get(each)),
  },
  {
    name: 'an API that takes all but the home page alone',
    conf: at => `server {
      listen PORT;
      server_name www.dev.jp;
      location = / { proxy_pass http://${at.pages}; proxy_set_header Host $host; }
      location /_next/ { proxy_pass http://${at.pages}; proxy_set_header Host $host; }
      location / { proxy_pass http://${at.api}; }
    }`,
    pages: at => `http://${at.pages}`,
    apis: ['/api', '/wiki'],
    more: [get('/'), get('/?a=1'), get('/x'), get('/_next/static/a.js')],
    isCatchAll: true,
  },
]

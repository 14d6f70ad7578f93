import { AT_NEXT, api, testRows } from '../../test/nginx-apis.ts'

testRows([
  // files, errors
  [
    api('', 'location /protected/ { internal; alias /var/files/; }'),
    'location /prot',
    /^lost: .*X-Accel-Redirect/,
  ],
  [
    api('error_page 502 /errors/502.html;', 'location /errors/ { internal; root /www; }'),
    'location /err',
    /^look/,
  ],
  [api('error_page 502 /50x.html;', 'location = /50x.html { root /www; }'), 'error_page', /^look/],
  [api('error_page 502 504 = @next;', AT_NEXT), 'error_page', /^lost/],
  [api('error_page 502 /other/;', 'location /other/ { proxy_pass http://b:80; }'), 'error_page', /^lost/],
  [api('error_page 502 =503 /50x.html;', 'location = /50x.html { root /www; }'), 'error_page', /^lost/],
  [api('error_page 404 = @next;', AT_NEXT), 'error_page', /^look/],
  [api('', `location /up/ { root /data; try_files $uri @next; } ${AT_NEXT}`), 'location /up', /^lost/],
  [api('', `location /up/ { root /app/public; try_files $uri @next; } ${AT_NEXT}`), 'location /up', /^look/],
  [api(`try_files $uri @next;`, AT_NEXT), 'try_files', /^lost/],
  [api('', `location /p/ { try_files $uri @next; } ${AT_NEXT}`), 'try_files', /^same/],
  [
    api('error_page 502 = @down;', 'location @down { return 503 "{}"; }'),
    'location @down',
    /^lost: .*an error_page or a try_files led here/,
  ],
  [
    api('', 'location = /down { internal; return 200 "{}"; }'),
    'location = /down',
    /^lost: .*an error_page or a try_files led here/,
  ],
  [api('', 'location /js { js_content a.b; }'), 'location /js', undefined],
  [api('', 'location /js { js_content a.b; }'), 'js_content', /^lost: it is not known here/],
  [
    api(
      '',
      'location /blog { try_files $uri /index.php?$args; } location ~ \\.php$ { fastcgi_pass p:9000; }',
      'root /x;',
    ),
    'location /blog',
    /^lost: .*Gatehouse speaks HTTP\/1\.1/,
  ],
  [api('', 'location /.well-known/acme-challenge/ { root /www; }'), 'location /.well', /^look: ACM/],
  // nobody got a file of these
  [api('', 'location ~ /\\.ht { deny all; }'), 'location ~', /^guarded/],
  [api('', 'location = /favicon.ico { log_not_found off; }'), 'location =', /^look: .*the app answers/],
  [api('', 'root /www; location = /favicon.ico { log_not_found off; }'), 'location =', /^lost/],
  [
    api('', 'location /docs { return 301 https://docs.dev.jp$request_uri; }'),
    'location /d',
    /^lost: it is a redirect/,
  ],
  [
    api('', 'location /up/ { try_files $uri $uri/ @a; } location @a { proxy_pass http://b:80; }'),
    'location @a',
    undefined,
  ],
  // of two that lead to it, one cannot be passed on
  [
    api(
      '',
      'location /a { try_files $uri @b; } location /c { limit_rate 1k; try_files $uri @b; } location @b { proxy_pass http://b:80; }',
    ),
    'location @b',
    /^lost: .*a named location/,
  ],
  // a file that nobody has, unlike one that is there during maintenance
  [
    api('', 'root /www; location /up { try_files /_none @a; } location @a { proxy_pass http://b:80; }'),
    'try_files',
    /^look: Nginx looked for a file \/_none first/,
  ],
  [
    api('', 'root /www; location /up { try_files /down.html @a; } location @a { proxy_pass http://b:80; }'),
    'location @a',
    /^lost: .*a named location/,
  ],
  [api('', `root /www; location /up { try_files /dev/null @next; } ${AT_NEXT}`), 'location /up', undefined],
  [
    api('', 'location /a { root /www; try_files $uri @a; } location @a { proxy_pass http://b:80; }'),
    'location @a',
    /^lost: .*a named location/,
  ],
  [
    api('', 'location /a { internal; try_files $uri @a; } location @a { proxy_pass http://b:80; }'),
    'location @a',
    /^lost: .*a named location/,
  ],
])

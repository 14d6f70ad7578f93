/** What is said of a directive, whichever location it holds for. */
export const english = {
  /** by the directive that is first with it: remarks.ts */
  remarks: {
    absolute_redirect: 'redirects of Next.js have a path and no host',
    access_log: 'a line of JSON for each request on stdout',
    // what they guard is said of each location
    allow:
      'it restricts access: a location of an API that it holds for is left out, and named above; for anything else use a security group, AWS WAF or the app',
    charset: 'Next says it for its pages',
    default_type: 'the type follows from the name of the file',
    error_log: 'a line of JSON on stdout; LOG_LEVEL says from which level on',
    error_page:
      "the API's own errors are passed on; those of Gatehouse are JSON, or a small page for a browser",
    etag: 'static files have one',
    expires:
      'files that the build names by their content are cached for a year; browsers ask for all others anew',
    fastcgi_param: 'it belongs to a protocol that is not carried over',
    gzip: 'static files are compressed by the build, pages by Next; what the API sends is passed on as it is',
    http2: 'HTTP/2 and TLS end at the public ALB',
    if: 'it is not carried over: a route has no conditions. An API has to check them itself; for pages redirects() in next.config or proxy.ts does',
    ignore_invalid_headers: 'a malformed header is refused: docs/requests.md',
    include: 'there is no such file here, so what it says is missing: give the output of `nginx -T`',
    index: 'a page answers at a folder, not a file',
    keepalive: 'connections to the backend are pooled, and addresses follow DNS',
    keepalive_requests: 'no limit',
    limit_conn:
      '8192 connections in all, or fewer where there are fewer file descriptors; the public ALB or AWS WAF has finer limits',
    limit_rate: 'no answer is slowed down',
    limit_req_status: '429',
    map: 'its variable is not evaluated; each directive that uses it is reported',
    merge_slashes: 'a path with two slashes is matched with one',
    mirror: 'no request is sent twice',
    more_set_headers:
      "headers() in next.config sets headers of pages, and responseHeaders of a route those of the API's answers",
    proxy_bind: 'the address of the task is the one that the backend sees',
    proxy_buffering: 'answers are passed on as they come',
    proxy_cache: 'answers of the API are never cached; Next.js caches pages, and static files are in memory',
    proxy_http_version: 'HTTP/1.1',
    proxy_method: 'it is not carried over: method, headers and body are sent along as they came',
    proxy_next_upstream_tries: 'addresses are asked one after the other, for twice CONNECT_TIMEOUT',
    proxy_pass_header: 'what the API sends is passed on',
    proxy_request_buffering:
      'a small login body is read before the backend is asked, a large one is passed on',
    proxy_send_timeout: 'BACKEND_TIMEOUT, which counts from the last byte that went either way',
    proxy_ssl_certificate: 'Gatehouse presents no client certificate to the backend (no mutual TLS)',
    proxy_ssl_ciphers: 'the ciphers are those of Node.js',
    proxy_ssl_verify_depth: 'the whole chain is verified',
    proxy_store: 'nothing is written to a disk',
    real_ip_recursive: 'the client is the last address that is not trusted',
    resolver_timeout: 'DNS is asked in the background: no login waits for it',
    rewrite: 'it is not carried over: rewrites() or redirects() in next.config does it for pages',
    root: 'Gatehouse serves the files of the build and of public/, and no others',
    sendfile: 'it concerns Nginx itself',
    server_name: 'any name is served; a rule of the public ALB may have one',
    server_tokens:
      "Gatehouse has no Server header of its own; the API's is passed on, and responseHeaders: { Server: '' } removes it",
    set: 'its value is put in where it is used',
    ssl_certificate:
      'TLS ends at the public ALB: its HTTPS listener has the certificate, and its target group speaks HTTP',
    stream: 'Gatehouse passes on HTTP alone: a Network Load Balancer does the rest',
    stub_status: '/metrics and the status page, at ADMIN_PORT',
    sub_filter: 'the body of an answer is never changed',
    tcp_nodelay: 'always on',
    try_files: 'a file of the build or of public/ goes before a page',
    underscores_in_headers: 'a header with an underscore in its name is dropped',
    upstream: 'its origin is put in where it is used; requests are spread over the addresses of its name',
    worker_processes: 'PAGE_WORKERS processes render pages, one serves the rest',
  },
  unknown: 'it is not known here',
  setArgs: 'the query string is passed on as it came',
  notUnderstood: 'its value is not understood',
  isDefault: "Nginx's default, and what Gatehouse does",
  accel: "Gatehouse takes X-Accel-* out of the API's answers: they are for an Nginx",
  noSuchFile: (names: string) => `Nginx looked for a file ${names} first. It is assumed that there is none`,
  nothingKept: 'nothing is cached: there is no proxy_cache',
  types: 'there is no such file here; types go by the name of the file',
  listen: {
    ssl: 'TLS ends at the public ALB, whose target group has the protocol HTTP: Gatehouse speaks plain HTTP at PORT, 4000 where nothing else is said',
    http2: 'HTTP/2 ends at the public ALB',
    quic: 'HTTP/3 is not for a task behind an ALB',
    proxy_protocol:
      'a request that begins with it gets 400: turn it off at the load balancer. The client is taken from X-Forwarded-For, which an ALB sends',
    port: 'Gatehouse listens at a port',
    onePort: 'there is one public port',
  },
  headers: {
    always: 'always on',
    noUpgrade: 'Next has no WebSockets in production: a page needs no Upgrade',
    pages: 'pages get it',
    addsNone:
      'it is not carried over: Gatehouse adds no header to a request for a page; proxy.ts of the app can',
    publicOrigin: 'PUBLIC_ORIGIN says it',
    fixedProto: (value: string) =>
      `Nginx always said ${value}; it becomes what the X-Forwarded-Proto of a sender in TRUSTED_PROXIES says, else http. PUBLIC_ORIGIN=${value}://… of the site says it always: --public-origin`,
    scheme:
      'Nginx sent the scheme of its own listener; it becomes the one that the client came by, as the X-Forwarded-Proto of a sender in TRUSTED_PROXIES says',
    login: 'a login takes no WebSocket',
    socket: 'WebSockets are passed on to an API',
    halfSocket:
      'Nginx passed no WebSocket on: it needs both Upgrade and Connection. The route has upgrade: false',
    port: 'Nginx sent the port of its own listener; it becomes the one that the client came by',
    ofAnotherHeader: (value: string) =>
      `it is not carried over: Nginx sent ${value}; it becomes the address of the client as X-Forwarded-For has it, or the header that CLIENT_ADDRESS_HEADER names`,
    forwardedFor: 'it is appended to where TRUSTED_PROXIES has the sender, and replaced elsewhere',
    realIp: 'Nginx sent the address of the public ALB; it is that of the client, as X-Forwarded-For has it',
    realIpAlone: 'it becomes the address of the client alone, as X-Forwarded-For has it',
    passedOn: 'it is passed on',
    own: 'it is not carried over: Gatehouse writes this header itself',
    variable: (isRemoved: boolean): string =>
      `it is not carried over: its value is made of a variable, and a route has fixed ones. What a client sends by this name is ${isRemoved ? 'removed' : 'passed on'}`,
    underscore: 'it is not carried over: a header with an underscore in its name stays behind',
    host: (value: string, host: string) => `Nginx sent Host: ${value}; the API gets its own name, ${host}`,
    clientsHost:
      'Nginx sent a host, or a port with it, of its own; it becomes the Host that the client asked for, as it came',
    answerVariable:
      'it is not carried over for the API: its value is made of a variable. The API has to set it itself',
    twice: 'a header that is set twice: the first is kept',
    staysBeside: "it is not carried over: the API's own, which Nginx hid, would stay beside it",
    addsNothing: 'Nginx adds no header without a value',
    expires:
      'it is not carried over: responseHeaders are set on errors, too, and those would be cached. The API has to send Cache-Control itself',
    addedOnErrors: 'it is set on errors of the API, too',
    onErrors: 'it is set on errors of the API, too, and takes the place of its own',
    ofPages: (isPlain: boolean) =>
      `headers() in next.config sets it for the pages${isPlain ? '' : ', written by hand: it has a variable or a pattern'}`,
    poweredBy: 'poweredByHeader: false in next.config does it for the pages',
    leftOut: 'what a page sends is passed on: the app has to leave it out',
    location: "a Location on the API's own host becomes a path of the site, any other stays",
    cookiePath: "the Path of a cookie below the API's path becomes the one on the site, any other stays",
    cookieDomain:
      'a Domain that does not cover the host that the client asked for is dropped: the cookie is for that host alone',
    notFor: (remark: string, domain: string) => `${remark}, and not for ${domain}`,
    cookieFlags: 'flags of cookies stay as the API sets them',
  },
  /** where a directive holds for an API */
  ofApi: {
    charset: 'it is not carried over: the API has to say the charset in its Content-Type itself',
    error_page: "it is not carried over: Gatehouse's own errors stay what they are, and lead nowhere else",
    try_files:
      'it is not carried over: Nginx asked for a file first, and went elsewhere or to the API by that',
  },
  sizes: {
    smaller: (time: string, remark: string) => `it gets smaller: ${time} here, ${remark}`,
    enough: (time: string, remark: string) => `${time}, ${remark}`,
    body: 'of waiting for the client in all, of which each KB received gives back a second; then 408',
    header: 'then 408',
    stalled: 'without a byte, then the connection ends',
    keepAlive: (time: string) => `${time}, which is longer than the 60 s of an ALB`,
    smallerHead: (kb: number) => `it gets smaller: a head may have ${kb} KB at most, with MAX_HEADER`,
    head: (kb: number) => `a head may have ${kb} KB`,
    day: 'it becomes 24h, the most there is',
    noLimit: (size: string) => `there is always a limit: it becomes ${size}`,
    pageBody:
      'MAX_BODY is for the API; for pages Next has serverActions.bodySizeLimit (1 MB), and a route handler limits itself',
    largest: (at: string) => `there is one setting for all paths: ${at} has the largest`,
    largestOrRoute: (at: string) =>
      `there is one setting for all paths: ${at} has the largest; a route of gatehouse.config.ts has its own`,
    connect:
      'it is not taken over: CONNECT_TIMEOUT holds for one address, and a login looks for one for twice as long. 1s, the default, suits a private network',
  },
  upstream: {
    sticky: 'a client is not kept at one address: requests are spread over the addresses of the name',
    notAsked: 'this address gets no request: the addresses that DNS has for the API are asked, all alike',
    resolve:
      'Nginx followed DNS here already; Gatehouse does so by itself, keeps the last good answer, and goes to another address where one fails',
    weight: 'the addresses are asked alike',
    ofPages: 'Gatehouse serves the pages itself: it asks no other address for them',
    fails: 'an address that fails is tried last',
    parameter: (key: string) => `${key} is not carried over`,
    another: (origin: string) =>
      `its upstream has ${origin}, too, which gets no request: requests go to the addresses of one name`,
  },
  settings: {
    followsDns: 'the addresses follow DNS, and the query string is never touched',
    notAsked:
      'Nginx asked it for no API, and DNS_SERVERS does not have it. Nginx asks a resolver for a name in a variable and for a server with resolve, and the system for any other',
    ofSystem: (at: string) =>
      `Nginx asked the system for its name; there is one DNS_SERVERS for all, that of ${at}, which has to know this name, too`,
    dockers:
      "it is Docker's DNS server, which Gatehouse finds in /etc/resolv.conf; in ECS that of the VPC stands there",
    resolverName: (name: string) =>
      `${name} is a name: DNS_SERVERS takes IP addresses, and is the system's where it is empty`,
    one: (name: string, at: string) => `there is one ${name} for all: that of ${at}`,
    ttl: (seconds: number) =>
      `with ${seconds} seconds, the default of DNS_MAX_TTL, a new address is known sooner; asking costs a login nothing`,
    ipv6: 'Nginx asked for IPv6 addresses as well; DNS_FAMILY=both does, if the backend has any',
    subnets: 'TRUSTED_PROXIES takes addresses and subnets',
    everybody:
      'it is not carried over: the header was trusted from everybody, so that a client could forge its address. Set TRUSTED_PROXIES to the subnets of the load balancer',
    realIp: 'Gatehouse reads the same header',
    notRead: (header: string) => `${header} is not read: the client is taken from X-Forwarded-For`,
    addressHeader: (header: string) =>
      `it is not carried over: the client is taken from X-Forwarded-For. CLIENT_ADDRESS_HEADER=${header}, with CLIENT_ADDRESS_PROOF, takes it from there`,
    limit: (example: string) =>
      `it counted every request, which a rate rule of AWS WAF does at the public ALB. LOGIN_LIMIT=${example} counts the failed logins of a client, if guessed passwords are what it was for`,
    pageLimit: 'it is not carried over for pages: a rate rule of AWS WAF does it at the public ALB',
    nonIdempotent: 'a login that has been sent completely is never retried',
    answerStays:
      'a connection that cannot be set up is set up to the next address; Nginx asked the next one after such an answer, too, which here the visitor gets',
    nextUpstream: 'a connection that cannot be set up is set up to the next address',
    host421: 'a request for a host that is not in PUBLIC_ORIGIN gets 421 from such a route',
  },
  tls: {
    unverified:
      'Nginx did not verify the certificate; here it is, always: a private CA goes to NODE_EXTRA_CA_CERTS, and `doctor` says whether it fits',
    publicCas: 'Node knows the public CAs',
    versions: 'TLS 1.2 and 1.3',
    oldVersions: 'TLS 1.2 and 1.3 alone: the backend has to speak one of them',
    name: "the name of the API's origin",
    nameVariable: (hostname: string) =>
      `the certificate must be for ${hostname}: the name is made of a variable`,
  },
}

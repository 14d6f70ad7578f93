import { english as directives } from './directives/english.ts'

/** Everything that `gatehouse from-nginx` says to a person. */
export const english = {
  ...directives,
  usage: `gatehouse from-nginx FILE [OPTIONS]

Reads Nginx's configuration and prints on stdout what Gatehouse needs: environment variables where they are enough, as lines for a shell or,
without quotes, for \`docker run --env-file\` (not for Next.js' .env files); otherwise gatehouse.config.ts, with the environment variables in its
first lines. Directives that are not carried over are reported on stderr, each with what to use instead.
FILE is nginx.conf, a file that it includes, or the output of \`nginx -T\`; "-" reads it from stdin.

  --server PORT|NAME         which server, where several lead to an API
  --pages ORIGIN             where Next.js listened: http://127.0.0.1:3000
  --backend ORIGIN           where the API is: https://api.dev.jp
  --public-origin ORIGIN,…   how visitors reach the site, where server_name does not say it: https://www.dev.jp
  --json                     prints the environment variables alone, as an ECS task definition has them

The exit code is 0 only where Gatehouse with what was printed behaves as the Nginx did.
`,
  report: {
    titles: {
      guarded: 'Restricted by Nginx, and not by Gatehouse:',
      lost: 'Not carried over:',
      look: 'To be checked:',
      same: 'Nothing to do:',
      set: 'Taken over:',
    },
    line: (at: string, what: string, remark: string) => `  ${at}  ${what}: ${remark}`,
    route: (path: string, field: string, value: string) => `route ${path}, ${field}: ${value}`,
    missing: 'This is not enough:',
    nextConfig: 'For next.config:',
    rules: 'Rules for the listener of the public ALB:',
    file: 'The routes need a file: gatehouse.config.ts is printed. Put it beside next.config. Its first lines have the environment that it needs; --json prints that alone.',
    variables: 'Put this file beside next.config, and set these environment variables:',
    quoted: (names: string) =>
      `The quotes of ${names} are for a shell: \`docker run --env-file\` would make them a part of the value, and wants it without them.`,
    noOrigin: (option: string, text: string) =>
      `--${option} is ${text}; accepted: an origin, such as http://127.0.0.1:3000`,
  },
  syntax: {
    noEnd: (quote: string) => `this ${quote} has no end`,
    afterQuote: (found: string) => `unexpected ${found} after a quote`,
    backslash: 'a backslash at the end of the file',
    unclosed: (line: number) => `unexpected end of file: the { of line ${line} has no }`,
    unexpected: (mark: string) => `unexpected "${mark}"`,
    unended: (name: string) => `"${name}" is not ended by ";"`,
    includesItself: 'includes itself',
    template:
      'this is a template: fill in its variables, or run nginx -T, and pass the output to this command',
  },
  /** why what was read is not enough */
  missing: {
    placeholder: (at: string, found: string) =>
      `${at}: ${found} is a placeholder of a template: run envsubst or nginx -T first, and pass the output to this command`,
    noServer: (which: string) => `no server has the port or the name ${which}`,
    allOwn:
      'every location that leads to an API leads to another server of this Nginx, where nothing listens once Nginx is gone: no route is printed',
    noPath: 'no path of an API is left that nothing guards: no route is printed',
    paths: (locations: readonly string[], isFile: boolean) =>
      isFile
        ? `no route is printed for ${locations.join(' and ')}: write it into gatehouse.config.ts by hand`
        : `set BACKEND_PATHS by hand for ${locations.join(' and ')}`,
    noLocation: (pages: string | undefined) =>
      `no location was found that leads to an API, and Gatehouse needs one${pages === undefined ? '' : `. If ${pages} is the API, add --backend ${pages}`}`,
    severalServers: (all: string) => `several servers lead to an API; name one with --server: ${all}`,
    secret: (name: string) =>
      `${name} has to be set, to the value that the header has in the file: it may be secret, and is not printed`,
    hosts: (paths: string) =>
      `Nginx kept the client's Host for ${paths}, and no server_name says which hosts the site has`,
    manyHosts: (paths: string, names: string) =>
      `Nginx kept the client's Host for ${paths}, and took every host of ${names}; here one that is not named gets 421`,
    publicOrigin: (why: string) => `${why}. Add --public-origin https://www.dev.jp`,
    pagesOrApi: (why: string, origin: string) =>
      `${why}: it cannot be told whether ${origin} has the pages or the API. Add --pages ${origin} or --backend ${origin}`,
    pagesAmong: (why: string, origins: readonly string[]) =>
      `${why}: it cannot be told whether one of ${origins.join(', ')} has the pages. Add --pages ${origins[0]} if that one has them, or --pages with the origin of Next.js`,
    serverCalled: (name: string) => `the server is called ${name}`,
    noRoot: 'nothing says where / leads',
    calledNext: (name: string) => `/ does not lead to what is called ${name}`,
    rootElsewhere: (root: string) => `/ leads to ${root}, and others to this machine`,
    nextElsewhere: (path: string) => `${path}, which is Next's, does not lead where the pages are`,
  },
  servers: {
    port: (port: string) => `port ${port}`,
    other: (names: string, remark: string) => `another server (${names}): ${remark}`,
    answers: 'it answers by itself, which a listener rule can do',
    refuses: 'it refuses every TLS handshake: a listener rule can refuse the requests',
    guarded: (guards: string) =>
      `Nginx guarded it by ${guards}, and it leads to the same pages or APIs, or has every host that is not named elsewhere. Gatehouse serves any Host: a listener rule of the public ALB has to guard that of this server, or pass on none but those of the site`,
    unread: (names: string) =>
      `left out. ${names} is not here and may guard it: give the output of \`nginx -T\`. Gatehouse serves any Host, those of this server, too`,
    leftOut: 'left out. Gatehouse serves one site: say which with --server',
    notNamed: 'not named elsewhere',
  },
  /** why it cannot be told where a `proxy_pass` leads */
  target: {
    untold: (reason: string) => `it cannot be told where it leads: ${reason}`,
    socket: 'a Unix socket',
    notSet: (names: string) => `${names} has no fixed value here`,
    noOrigin: (text: string) => `${text} is not an origin`,
    ownServer:
      'it leads to another server of this Nginx, and nothing listens there once Nginx is gone: it is not carried over',
  },
  /** why a location can be no route, and how a route differs from it */
  paths: {
    not: (reason: string) => `it cannot be taken over: ${reason}`,
    anyCase: 'a regular expression in any case of letters: a route has one spelling',
    oneCase: (path: string) =>
      `${path}, which Nginx sent to the API as well, is a page: a route has one spelling`,
    named: 'a named location: what leads to it depends on files or errors',
    rewrites: 'it has several rewrites',
    rewrite: 'its rewrite does more than replace the path of the location',
    notRewritten: (path: string, here: string) =>
      `${path} itself is sent as ${here}; Nginx's rewrite did not fit it, and it was sent as it came`,
    variable: (uri: string) =>
      `what it sends, ${uri}, is made of a variable or of what a regular expression found, or has a query`,
    joined: (path: string, sent: string) => `Nginx sent ${path}x as ${sent}x: a path of a route ends at a /`,
    twoSlashes: (path: string, sent: string, here: string) =>
      `Nginx sent ${path}/x as ${sent}/x, with two slashes; here it is ${here}/x`,
    allSent: (below: string, sent: string) => `all that is below ${below}/ was sent to ${sent}`,
    keepsPath: (below: string, sent: string) =>
      `what is below ${below}/ keeps its path; Nginx sent all of it to ${sent} itself`,
    query: 'the query string is sent along; Nginx left it out',
    redirects: (path: string) =>
      `a Location that is a path alone becomes one of the API: /x becomes ${path}/x, where Nginx left it. To redirect to a page, the API has to send a URL with the site's host`,
    underscoreNext: 'what Next has below /_next stays with the pages',
    otherPath: (path: string, redirected: string) =>
      `${path} is another path; Nginx redirected it to ${redirected}`,
    boundary: (path: string) =>
      `${path}X, which Nginx sent to the API as well, is a page: a path ends at a /`,
    itself: (path: string, redirected: string) =>
      `${path} itself goes to the API, too; Nginx redirected it to ${redirected}`,
    pattern: 'a regular expression that is more than a list of paths: name the paths that it means',
    everyPath: 'a regular expression that every path fits',
  },
  routes: {
    neverAsked: (first: string) => `no request came here: Nginx tried ${first} first`,
    opens: (inner: string, guards: string) =>
      `it is left out: with it, ${inner} would be open, which Nginx guarded by ${guards}. Name the paths that everybody may ask for`,
    twin: (path: string, location: string) => `${path} is a route already, of ${location}, and that is kept`,
    wayToLogin: (path: string, login: string) =>
      `${path} gets 400: it would be the login of ${login} without its protection`,
    exactLogin: (login: string) =>
      `${login}/ and ${login};… get 400: an API may take them for the login, which is ${login} alone`,
    elsewhere: (path: string, location: string | undefined, route: string | undefined) =>
      `Nginx gave ${path} to ${location ?? 'no location'}; here ${route === undefined ? 'it is a page' : `it belongs to the route ${route}`}`,
    pattern: (paths: string, locations: readonly string[]) =>
      `it is below the route ${paths}: what Nginx answered by a regular expression goes to the API${locations.length === 0 ? '' : `. If the API is meant, write ${locations.join(' and ')} into Nginx's file, and run this command again`}`,
    itself: (path: string, route: string) =>
      `${path} itself is a part of the route ${route}, and goes to the API`,
    ofRoute: (path: string, route: string) =>
      `${path}X, which Nginx took for it as well, goes to the API by the route ${route}: a path ends at a /`,
    below: (path: string) =>
      `what is below ${path}/ goes to the API, too: one path alone needs gatehouse.config.ts`,
    plainOnly: 'its headers, its Host or its exceptions need gatehouse.config.ts: from-nginx prints it',
    needsFile:
      'it needs a route in gatehouse.config.ts, beside which neither BACKEND_ORIGIN nor BACKEND_PATHS is set: from-nginx prints it',
  },
  guards: {
    backend: (guards: string) =>
      `Nginx guarded it by ${guards}. It is left out: Gatehouse lets everybody in. A security group, AWS WAF, a listener rule of the public ALB or the API itself has to guard it first`,
    unknown: (names: string) =>
      `${names} is not known here and may guard it. It is left out: Gatehouse lets everybody in. Give the output of \`nginx -T\`; what guards nothing can be taken out of the file first`,
    fileNames: (guards: string, paths: string): string =>
      `Nginx refused such names by ${guards}; here the app answers with 404 unless public/ has such a file${paths === '' ? '' : `, and at ${paths} and below the API answers. A listener rule of the public ALB (path-pattern), AWS WAF or the API itself has to refuse them`}`,
    pages: (guards: string) => `Nginx guarded it by ${guards}; here the app serves it to everybody`,
    unread: (names: string) =>
      `${names} is not here and may guard it; here the app serves it to everybody: give the output of \`nginx -T\``,
    exception: (guards: string) =>
      `Nginx guarded it by ${guards}; here it never reaches the API (\`except\`): the app answers, with 404 if it has no such page`,
    instead: (remark: string) =>
      `${remark}. A listener rule of the public ALB (source-ip, authenticate-oidc, fixed-response), AWS WAF, a security group or proxy.ts has to guard it`,
    rule: (rule: string) => `${rule}, except for the clients that are allowed`,
    condition: (isEverywhere: boolean) =>
      `Nginx refused such requests, or sent them elsewhere${isEverywhere ? ', for every location' : ''}: AWS WAF or a listener rule of the public ALB has to do it, or proxy.ts, for pages alone`,
  },
  answers: {
    pages: (origin: string) => `Gatehouse serves the pages; nothing listens at ${origin} any more`,
    sentAs: (sent: string, isPlain: boolean): string =>
      `Nginx sent it to the pages as ${sent}: rewrites() in next.config does it${isPlain ? '' : ', written by hand: it has a variable or a pattern'}`,
    otherProtocol: 'it is not carried over: Gatehouse speaks HTTP/1.1 to its backend',
    otherPass:
      'it is not carried over: Gatehouse speaks HTTP/1.1 to its backend. Where that can do so, too (uWSGI: http-socket), write proxy_pass in its place, and run this command again',
    fromBuild: 'Gatehouse serves it from the build',
    errorPages: 'Gatehouse has error pages of its own',
    noFile: 'Nginx had no root for it, and answered with 404; here the app answers',
    files: 'Nginx read files from a disk: they have to be moved to public/ of the app',
    unnamed: (isPublic: boolean): string =>
      `Nginx answered 404 for every path that no location names${isPublic ? ', but for the files of public/' : ''}; here the app has them, and whatever it has there is open`,
    unnamedFiles:
      'Nginx read files of it for every path that no location names; here the app has them: the files have to be moved to its public/',
    internal:
      'it is not carried over: nobody came here but by an X-Accel-Redirect of the API or another location. Gatehouse sends no such file, and removes X-Accel-* from answers',
    singlePage:
      'its files are a single-page app, and Gatehouse serves only the build of a Next.js app and its public/',
    redirect: (isPlain: boolean): string =>
      isPlain
        ? 'it is a redirect: redirects() in next.config does it'
        : 'it is a redirect with a pattern, a variable, an `if` before it or other locations below it, which has to be written by hand into redirects() of next.config',
    rewriteOfServer:
      'it is not carried over, and Nginx applied it to paths of the API, too. For pages: redirects() or rewrites() in next.config. A path of the API that it hid (`/404`) reaches the API here: put it into `except` of the route',
    acme: 'ACM renews the certificate of the public ALB: nobody asks for it any more',
    named: 'it is not carried over: an error_page or a try_files led here, and Gatehouse has neither',
    health: 'Gatehouse answers health checks there',
    fixed: (code: number) =>
      `Nginx gave a fixed answer, ${code}, and Gatehouse gives none: a fixed-response rule of the public ALB can${code === 200 ? '. A health check has /healthz and /readyz' : ''}`,
    toHttps: 'the redirect from http to https is for the public ALB',
    logged: 'Nginx did not log all of these requests; here each has a line of JSON on stdout, too',
    methods: 'Gatehouse refuses such methods with 405',
    conditionalPass:
      'it is not carried over: a condition sent some requests elsewhere, and a route has no conditions',
  },
}

export type Texts = typeof english

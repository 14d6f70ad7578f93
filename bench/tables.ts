/** How it is done, for whoever wants to judge the figures. */
export const METHOD = `## How it is measured

Every contender runs alone on the same API, one after the other, and then all of them again: what drifts hits all alike. Clients,
contender and API share the cores, so that a contender that takes more CPU leaves less for the others. Every figure is a median of
all rounds; in brackets are the lowest and the highest.

- The API is HAProxy, the cheapest in Debian: TLS 1.3 with a P-256 certificate, kept connections, \`100 Continue\`, the body read, always
  the same 200. It takes some 12 µs a request. Its name is in a DNS server that lists two addresses.
- nginx: the name in a variable and \`resolver … valid=3s\`, as in the story that Gatehouse comes from; then no connection can be kept.
  \`worker_processes auto\`, as in Debian: a process a core. TLS 1.3, which Debian's version has to be told. The API's certificate is verified, as in all the others.
- nginx 1.30, resolve: \`upstream\` with \`zone\`, \`server … resolve\` and \`keepalive\`, which open-source nginx has since 1.27.3.
- HAProxy 3.2: \`resolvers\`, \`http-reuse safe\`, health checks, a thread a core (its default). Both are of a newer Debian than the API's HAProxy.
- Plain recipe: http-proxy-middleware, cacheable-lookup and a keep-alive agent, each as its README has it.
- @fastify/http-proxy: as its README has it, over undici; with cacheable-lookup.
- Next rewrites: \`next start\` with the login as a rewrite. Next asks the system for the name at every login; a preload asks the bench's DNS server in its place.
- Gatehouse: \`node server.ts\`, settings at their defaults. "Gatehouse" has one page worker, the default.
- Nobody writes an access log but Gatehouse, where its defaults do. Clients keep their connections, and send the \`Accept-Encoding\` of a browser for pages.`

/** What the tables of the report say, in their order. */
export type Column = {
  figure: string
  title: string
  /** also as a multiple of the first row's */
  relative?: true
}

export type Table = { part: string; title: string; columns: readonly Column[]; note?: string }

const P50 = { figure: 'p50', title: 'p50 ms' }
const P99 = { figure: 'p99', title: 'p99 ms' }
const PACED = [
  { figure: 'pacedP50', title: 'at 200/s: p50 ms' },
  { figure: 'pacedP99', title: 'p99 ms' },
]

const page = (name: string): Table => ({
  part: `pages: ${name}`,
  title: `Pages: ${name}`,
  columns: [{ figure: 'rate', title: 'answers/s', relative: true }, P50, P99],
})

export const TABLES: readonly Table[] = [
  {
    part: 'login',
    title: 'Logins',
    columns: [
      { figure: 'cpu', title: 'CPU µs a login', relative: true },
      { figure: 'rate', title: 'logins/s', relative: true },
      P50,
      P99,
      { figure: 'pacedCpu', title: 'at 200/s: CPU µs' },
      { figure: 'pacedP50', title: 'p50 ms' },
      { figure: 'pacedP99', title: 'p99 ms' },
    ],
    note: `\`POST /user/login\` with 60 bytes of JSON from 16 clients that send again at once (wrk), then 200 a second whether or not
earlier ones are answered, timed from when they were due. CPU: user and system time of all of the contender's processes
while it is saturated. It does not depend on what shares the cores; logins/s does.

nginx with the name in a variable opens a TLS connection for every login: that is most of its CPU. With \`resolve\` it keeps them. HAProxy is the mark, and nothing in Node gets there. In a profile (\`node --cpu-prof\`) half of a login is in the writes to the two sockets, TLS included; the rest is what Node has around
them: streams, events, headers as strings, garbage. HAProxy passes buffers on. \`REPLAY=off\` is Gatehouse without \`Expect: 100-continue\`
(docs/decisions/0006): the difference is the price of never losing a login to a connection that closes.`,
  },
  {
    part: 'link',
    title: 'Logins over a link with delay',
    columns: [P50, P99, { figure: 'connect', title: 'TCP connect ms' }],
    note: `200 logins a second; between front and API is the link of \`npm run link\`, 1 ms each way. A login over a kept connection takes one round
trip, with \`Expect: 100-continue\` two; a new TLS 1.3 connection takes three.`,
  },
  {
    part: 'saturated',
    title: 'Logins while the heavy page is saturated',
    columns: [
      { figure: 'rate', title: 'logins/s', relative: true },
      P50,
      P99,
      ...PACED,
      { figure: 'pages', title: 'heavy pages/s meanwhile' },
    ],
    note: `16 clients ask for the heavy page all the time; 4 clients log in, each sending again at once, and after that 200 logins a second.
"1 core": all of the contender's processes on one core, all clients on the other.`,
  },
  ...['static page', 'dynamic page', 'heavy page', 'static file', 'static file, uncompressed'].map(page),
  {
    part: 'start',
    title: 'Start, memory and rest',
    columns: [
      { figure: 'firstLogin', title: 'first login ms' },
      { figure: 'firstPage', title: 'first page ms' },
      { figure: 'startCpu', title: 'CPU ms until both' },
      { figure: 'restMb', title: 'at rest MB' },
      { figure: 'loadMb', title: 'under load MB' },
      { figure: 'restCpu', title: 'CPU at rest, ms per s' },
    ],
    note: `From the start of the processes to the first answer, files in the cache of the system. Memory is PSS of all processes; load: 16
clients on logins and 16 on the heavy page. "The image": its files, bundled and with Node's compile cache (docs/image.md). \`next start\` has the rewrite of
logins.`,
  },
]

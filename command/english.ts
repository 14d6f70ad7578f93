const LISTENING = `  -p, --port PORT         the port to listen on, as the setting PORT
  -H, --hostname HOST     the address to listen on, as the setting HOST
`

/** What the commands say that have no table of their own. */
export const english = {
  usage: `gatehouse COMMAND

  init [--e2e] [--dry-run]
                      puts gatehouse into the scripts of package.json, and adds a Dockerfile; with --e2e end-to-end tests, too
  dev                 the app with hot reloading, behind Gatehouse; without BACKEND_ORIGIN also a demo backend. Takes --webpack, --turbopack,
                      --port, --hostname and --inspect as \`next dev\` does
  build               the app's own \`next build\`, for page workers; static files are compressed
  start               Gatehouse with page workers; settings are environment variables, routes may be in gatehouse.config.ts
  config              explains the settings, checks their values and prints the routes
  doctor [--json]     checks the way from this machine to the API, and says what to do
  healthcheck         exits with 0 if Gatehouse at PORT is alive
  from-nginx FILE     reads Nginx's configuration and prints the environment or gatehouse.config.ts
  ecs TASK.json       takes the Nginx container out of an ECS task definition, and prints the new one

gatehouse COMMAND --help says what a command takes; gatehouse --version prints the version.
`,
  /** of the commands that print none themselves */
  usages: {
    init: `init [--e2e] [--dry-run]

Puts gatehouse into the scripts of package.json, and adds a Dockerfile and its .dockerignore where there are none.

  --e2e        adds end-to-end tests with Playwright as well: a configuration, a spec and a script
  --dry-run    says what it would do
`,
    dev: `dev [OPTIONS]

The app with hot reloading, behind Gatehouse; without BACKEND_ORIGIN a demo backend is started along. Settings are environment
variables: \`gatehouse config\` explains them. Where PORT is not set and 4000 is taken, the next free port takes its place.

${LISTENING}  --webpack, --turbopack  the bundler, as for \`next dev\`
  --inspect[=HOST:PORT]   the pages can be debugged, as with \`next dev\`
`,
    build: `build [ARGUMENTS OF next build]

The app's own \`next build\`, for page workers; static files are compressed. Arguments are passed on to \`next build\`.
`,
    healthcheck: `healthcheck

Asks Gatehouse at HOST and PORT for /healthz. The exit code is 0 if it is alive, else 1.
`,
  },
  start: (
    settings: string,
  ) => `start [OPTIONS]: Gatehouse with page workers, for pages that are built before (\`npm run build\` or \`gatehouse build\`).

${LISTENING}  --keepAliveTimeout MS   as the setting KEEP_ALIVE_TIMEOUT, in ms

Everything else is set by environment variables, here with their defaults:

${settings}
`,
  config:
    'config: explains the settings, checks the values that the environment has, and prints the routes. The exit code is 1 where a value is wrong.\n\nThe settings are environment variables, here with their defaults:\n\n',
  doctor: `doctor [--json]: checks the way from this machine to the API, with the settings of the environment, and says of each fault what to do.

  --json    prints the result as JSON

The exit code is 1 where something is wrong.
`,
  noCommand: (name: string) => `there is no such command: ${name}`,
  noFile: (path: string, code: string | undefined) =>
    code === 'ENOENT' ? `there is no file ${path}` : `${path} cannot be read or written: ${code}`,
  noArguments: (args: string) => `unexpected argument: ${args}. This command takes none`,
  unknownOption: (option: string, help: string) =>
    `unknown option ${option}; \`${help}\` lists what it takes`,
  needsValue: (option: string) => `${option} needs a value`,
  unknownArgument: (args: string) =>
    `Gatehouse does not know the argument ${args}. It takes start [--port PORT] [--hostname HOST], config, doctor [--json], --help or --version; without an argument Gatehouse starts.`,
  routes: (source: string) => `Routes, from ${source}; what none of them takes goes to the pages:`,
  ready: (version: string, ms: number) => `Gatehouse ${version}  ready in ${ms} ms`,
  urls: { app: 'App:    ', status: 'Status: ', account: 'Account:' },
  cannotStart: (why: string) => `Gatehouse cannot start: ${why}`,
  changed: (name: string) => `${name} has changed: the app starts again`,
  deleted: (name: string) => `${name} was deleted: the app starts again`,
  asked: 'Next.js asks for a restart: the app starts again',
  full: 'the memory of the app is nearly full: it starts again',
  demo: 'BACKEND_ORIGIN is not in the environment, and .env files do not count: a demo backend was started',
  built: 'Ready for `gatehouse start`: the pages are built, their static files compressed.',
  notSeen: (name: string) =>
    `Warning: the app's code has ${name}, a secret of Gatehouse that pages do not see: process.env.${name} is undefined there. A guard that compares a header with it would let a request without that header through. Give the app's variable another name`,
  notBuilt: (file: string) =>
    `next build has made no ${file}; next.config must not have another \`output\` or \`distDir\``,
  init: {
    next: (version: string, least: number) => `Next.js is ${version} here, and ${least} or newer is needed`,
    noPlaywright:
      'package.json: `npm install --save-dev @playwright/test`, and `npx playwright install chromium`',
    playwrightOptions: (file: string) =>
      `${file}: docs/testing.md of Gatehouse says what the options gatehouse, api and form in \`use\` are`,
    noDependency:
      'gatehouse is not among the dependencies: `npm install ./gatehouse-….tgz`, its file. The gatehouse of the npm registry is another package',
    outside: (path: string) =>
      `${path} lies outside of this folder, where an image cannot be built from it: move it here`,
    dockerfile:
      'it needs Node.js 26 or newer, the script `build`, and to start `npm start` or `node dist/front.mjs` (`node server.js` is Next without Gatehouse). For one that does all of it, rename yours and run `gatehouse init` again',
    added: 'added',
    stays: 'is there, and stays as it is',
    wouldBe: 'This would change:',
    byHand: 'By hand:',
    script: (name: string, now: string, before: string | undefined) =>
      `${name} is \`${now}\`${before === undefined ? '' : `, and was \`${before}\``}`,
    copies: (name: string, script: string) =>
      `${name} is \`${script}\`: take out what copies to .next/standalone, for it fails. \`gatehouse build\` links public and .next/static there`,
    change: (name: string, script: string, wanted: string) =>
      `${name} is \`${script}\`: put \`${wanted}\` where it runs Next${wanted === 'gatehouse build' ? '' : '. Its port is 4000, or what `--port` or the setting PORT says'}`,
    port: '; its port is 4000, where Next had 3000 (`-p 3000` keeps that)',
  },
}

export type Texts = typeof english

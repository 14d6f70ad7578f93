import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gatehouseOf, localPackages, type Manifest, readManifest } from './scripts.ts'
import { hasMembers, type Workspace } from './workspace.ts'

/** What a package manager needs beside package.json to install exactly what its lock file says, and how it is run. */
type Manager = {
  readonly lock?: string
  readonly install: string
  readonly build: string
  readonly folder?: string
}

/** Node's image has npm alone. */
function managerOf(root: string, packageManager = ''): Manager {
  const has = (name: string) => existsSync(join(root, name))
  if (has('pnpm-lock.yaml')) {
    // the major version that is used here: from 11 on a build script that 10 only warns of stops the install
    const installed = join(root, 'node_modules/.modules.yaml')
    const said = packageManager || (existsSync(installed) ? readFileSync(installed, 'utf8') : '')
    const [used = 'pnpm'] = /\bpnpm@\d+/.exec(said) ?? []
    return {
      lock: 'pnpm-lock.yaml',
      install: `npm install --global ${used} && pnpm install --frozen-lockfile`,
      build: 'pnpm run build',
    }
  }
  if (has('yarn.lock')) {
    const isClassic = /^# yarn lockfile v1$/m.test(readFileSync(join(root, 'yarn.lock'), 'utf8'))
    // from version 2 on npm has it by another name
    const [, version = '4'] = /^yarn@([\d.]+)/.exec(packageManager) ?? []
    return {
      lock: 'yarn.lock',
      install: isClassic
        ? 'npm install --global yarn && yarn install --frozen-lockfile'
        : `npm install --global @yarnpkg/cli-dist@${version} && yarn install --immutable`,
      build: 'yarn run build',
      ...(!isClassic && has('.yarn') && { folder: '.yarn' }),
    }
  }
  const bun = ['bun.lock', 'bun.lockb'].find(has)
  if (bun !== undefined)
    return {
      lock: bun,
      install: 'npm install --global bun && bun install --frozen-lockfile',
      build: 'bun run build',
    }
  // npm takes the first of them
  const lock = ['npm-shrinkwrap.json', 'package-lock.json'].find(has)
  return lock === undefined
    ? { install: 'npm install', build: 'npm run build' }
    : { lock, install: 'npm ci', build: 'npm run build' }
}

/** Run by an install, with what they like of the app: `prisma generate` reads its schema. */
const AT_INSTALL = ['preinstall', 'install', 'postinstall', 'preprepare', 'prepare', 'postprepare']

/** Whether an install reads files of the app beside those of the package manager: its scripts, patches, hooks, packages in folders of it. */
function readsTheApp(root: string, manifest: Manifest): boolean {
  const text = (name: string) => {
    const file = join(root, name)
    return existsSync(file) ? readFileSync(file, 'utf8') : ''
  }
  return (
    hasMembers(root) ||
    AT_INSTALL.some(name => name in manifest.scripts) ||
    localPackages(manifest).some(each => each !== gatehouseOf(manifest)) ||
    ['patches', '.pnpmfile.cjs', '.pnpmfile.mjs'].some(name => existsSync(join(root, name))) ||
    ['package.json', 'pnpm-workspace.yaml'].some(name => text(name).includes('patchedDependencies'))
  )
}

/** What the first stage does until the packages are there, in `/app`. */
function installing(root: string, manifest: Manifest, { lock, install, folder }: Manager): string {
  const from = gatehouseOf(manifest)
  // a file is needed before the packages are installed
  const packed = from?.startsWith('file:') ? from.slice('file:'.length) : undefined
  const settings = ['.npmrc', '.yarnrc', '.yarnrc.yml', 'bunfig.toml', 'pnpm-workspace.yaml'].filter(name =>
    existsSync(join(root, name)),
  )
  const files = ['package.json', lock, ...settings, packed].filter(each => each !== undefined)
  const copied = `COPY ${files.join(' ')} ./\n${folder === undefined ? '' : `COPY ${folder} ./${folder}\n`}`
  // packages alone change less often than the app: their layer is kept
  return readsTheApp(root, manifest)
    ? `# the install runs scripts of the app, or reads patches or packages in it\nCOPY . .\nRUN ${install}`
    : `${copied}RUN ${install}\nCOPY . .`
}

/** The same for an app of a monorepo, whose packages are in folders beside it. */
const installingAll = ({ install }: Manager, below: string) => `COPY . .
RUN ${install}
# a package beside the app that has a build of its own needs it here
WORKDIR /app/${below}`

/** @param workspace of the folder; the image of an app in a monorepo is built from the monorepo's folder */
export function dockerfile(root: string, manifest: Manifest, { top, below }: Workspace): string {
  const isAlone = below === ''
  const { packageManager } = isAlone
    ? manifest
    : readManifest(readFileSync(join(top, 'package.json'), 'utf8'))
  const manager = managerOf(top, packageManager)
  const from = isAlone ? '/app' : `/app/${below}`
  // with the app, or with what the packages of a monorepo share
  const gatehouse = isAlone || existsSync(join(root, 'node_modules/gatehouse')) ? from : '/app'
  return `# Gatehouse and the pages in one container${isAlone ? '' : ', built in the folder of the monorepo'}: docker build ${isAlone ? '' : `-f ${below}/Dockerfile `}-t app . && docker run -p 4000:4000 -e BACKEND_ORIGIN=… app
ARG BASE=docker.io/library/node:26-trixie-slim

FROM \${BASE} AS build
WORKDIR /app
ENV NEXT_TELEMETRY_DISABLED=1
${isAlone ? installing(root, manifest, manager) : installingAll(manager, below)}
# Next's key for server actions; without it each build makes one up
ARG NEXT_SERVER_ACTIONS_ENCRYPTION_KEY
# the app's own script, with what it does before and after
RUN ${manager.build} && mkdir -p public
# the routes, where they are in a file: Node takes the types away as it loads it, so it may import Node's own modules alone
RUN mkdir -p /routes && find . -maxdepth 1 -name 'gatehouse.config.*' -exec cp {} /routes/ \\;

FROM \${BASE}
WORKDIR /app
# the folder of Gatehouse's own image, so that what a task definition or the runbook names is there
COPY --from=build ${gatehouse}/node_modules/gatehouse/dist ./dist
COPY --from=build /routes/ ./
COPY --from=build ${from}/.next/routes-manifest.json ${from}/.next/required-server-files.json ./.next/
COPY --from=build ${from}/.next/static ./.next/static
COPY --from=build ${from}/public ./public
${existsSync(join(root, 'static')) ? `COPY --from=build ${from}/static ./static\n` : ''}# Next writes to its cache there; with a read-only root that is a tmpfs: .next/standalone/${isAlone ? '' : `${below}/`}.next/cache
COPY --from=build --chown=10001:10001 ${from}/.next/standalone ./.next/standalone
# what is compiled already needs not be at each start; nothing of the app runs
RUN node dist/compile-cache.mjs .compile-cache 10001
ENV NODE_ENV=production NODE_COMPILE_CACHE=/app/.compile-cache
# a number, so that whoever runs it can see that it is not root
USER 10001:10001
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["env", "-u", "NODE_OPTIONS", "node", "/app/dist/healthcheck.mjs"]
# node itself is process 1: SIGTERM reaches it, and it waits for its page workers
ENTRYPOINT []
CMD ["node", "dist/front.mjs"]
`
}

/** Beside the Dockerfile of a monorepo's app it has another name, by which Docker takes it for that one alone. */
export const dockerignore = ({ below }: Workspace): readonly [name: string, text: string] => [
  below === '' ? '.dockerignore' : 'Dockerfile.dockerignore',
  IGNORED,
]

const IGNORED = `**/node_modules
**/.next
.git
**/.env*.local
Dockerfile
.dockerignore
**/npm-debug.log*
`

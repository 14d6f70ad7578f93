import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Lock file → what installs exactly that. Node's image has npm alone. */
const INSTALLS: Readonly<Record<string, string>> = {
  'package-lock.json': 'npm ci',
  'pnpm-lock.yaml': 'npm install --global pnpm && pnpm install --frozen-lockfile',
  'yarn.lock': 'npm install --global yarn && yarn install --frozen-lockfile',
}

/** @param from what package.json says of gatehouse: a file is needed before the packages are installed */
export function dockerfile(root: string, from: string | undefined): string {
  const [lock] = Object.keys(INSTALLS).filter(name => existsSync(join(root, name)))
  const packed = from?.startsWith('file:') ? from.slice('file:'.length) : undefined
  const npmrc = existsSync(join(root, '.npmrc')) ? '.npmrc' : undefined
  const files = ['package.json', lock, npmrc, packed].filter(each => each !== undefined)
  return `# Gatehouse and the pages in one container: docker build -t app . && docker run -p 4000:4000 -e BACKEND_ORIGIN=… app
ARG BASE=docker.io/library/node:26-bookworm-slim

FROM \${BASE} AS build
WORKDIR /app
ENV NEXT_TELEMETRY_DISABLED=1
COPY ${files.join(' ')} ./
RUN ${INSTALLS[lock ?? ''] ?? 'npm install'}
COPY . .
# Next's key for server actions; without it each build makes one up
ARG NEXT_SERVER_ACTIONS_ENCRYPTION_KEY
RUN npx gatehouse build
# the routes, where they are in a file: Node takes the types away as it loads it, so it may import Node's own modules alone
RUN mkdir -p /routes && find . -maxdepth 1 -name 'gatehouse.config.*' -exec cp {} /routes/ \\;

FROM \${BASE}
WORKDIR /app
# the folder of Gatehouse's own image, so that what a task definition or the runbook names is there
COPY --from=build /app/node_modules/gatehouse/dist ./dist
COPY --from=build /routes/ ./
COPY --from=build /app/.next/routes-manifest.json /app/.next/required-server-files.json ./.next/
COPY --from=build /app/.next/static ./.next/static
# Next writes to its cache there; with a read-only root that is a tmpfs: .next/standalone/.next/cache
COPY --from=build --chown=10001:10001 /app/.next/standalone ./.next/standalone
ENV NODE_ENV=production
# a number, so that whoever runs it can see that it is not root
USER 10001:10001
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["node", "/app/dist/healthcheck.mjs"]
# node itself is process 1: SIGTERM reaches it, and it waits for its page workers
ENTRYPOINT []
CMD ["node", "dist/front.mjs"]
`
}

export const DOCKERIGNORE = `node_modules
.next
.git
.env*.local
Dockerfile
.dockerignore
npm-debug.log*
`

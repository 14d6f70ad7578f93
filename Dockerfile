# One container: the front and its page workers. docs/image.md says how to build and run it; BuildKit is not needed.
ARG BASE=docker.io/library/node:26.10.0-trixie-slim

FROM ${BASE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# nothing that the build needs has an install script, and none of the others is to run
RUN npm ci --ignore-scripts

COPY . .
# the commit that is built, and a key that makes two builds of it the same
ARG COMMIT
ARG NEXT_SERVER_ACTIONS_ENCRYPTION_KEY
ENV NEXT_TELEMETRY_DISABLED=1
RUN npm run build && npm run bundle && node tools/image.ts && node dist/compile-cache.mjs .compile-cache 10001
# the commit's time in seconds. Not 0: the ETags of public/ are made of a file's size and time
ARG SOURCE_DATE_EPOCH
# gatehouse.config.*: the routes, where they are in a file; Node takes the types away as it loads it
RUN mkdir -p /image/app/.next \
  && cp -R dist .compile-cache /image/app/ \
  && find . -maxdepth 1 -name 'gatehouse.config.*' -exec cp {} /image/app/ \; \
  && cp -R .next/standalone .next/static .next/routes-manifest.json .next/required-server-files.json /image/app/.next/ \
  && if [ -d public ]; then cp -R public /image/app/; fi \
  && if [ -n "$SOURCE_DATE_EPOCH" ]; then find /image -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +; fi

FROM ${BASE}
# in the image nothing installs packages
RUN rm -rf /usr/local/lib/node_modules /opt/yarn* /root/.npm \
  && rm -f /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /usr/local/bin/yarn /usr/local/bin/yarnpkg
COPY --from=build /image /
WORKDIR /app
ENV NODE_ENV=production NODE_COMPILE_CACHE=/app/.compile-cache
# a number, so that whoever runs it can see that it is not root; it owns no file
USER 10001:10001
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["env", "-u", "NODE_OPTIONS", "node", "/app/dist/healthcheck.mjs"]
# node itself is process 1: SIGTERM reaches it, and it waits for its page workers
ENTRYPOINT []
CMD ["node", "dist/front.mjs"]
ARG COMMIT
LABEL org.opencontainers.image.title="gatehouse" \
  org.opencontainers.image.description="A Next.js front for AWS ECS without Nginx" \
  org.opencontainers.image.licenses="MIT" \
  org.opencontainers.image.revision="${COMMIT}"

/** What the image of `gatehouse init`, as Gatehouse's own, runs and how it is asked whether it is alive. A test holds it to both. */
export const COMMAND = ['node', 'dist/front.mjs']
export const USER = '10001:10001'
/** The front's port where nothing else is said, and the least that a user without rights may bind. */
export const PORT = 4000
export const LEAST_PORT = 1024
export const HEALTH_CHECK = {
  // what NODE_OPTIONS preloads, a tracer for one, takes longer than the timeout
  command: ['CMD', 'env', '-u', 'NODE_OPTIONS', 'node', '/app/dist/healthcheck.mjs'],
  interval: 30,
  timeout: 5,
  retries: 3,
}
/** Where Next writes at run time. Everything else below /app is the image's. */
export const CACHE = '/app/.next/standalone/.next/cache'
export const IMAGE_FOLDERS = /^\/app(\/(dist|public|\.next(\/.*)?))?\/?$/

/** The target group asks there. */
export const TARGET_HEALTH = {
  path: '/healthz',
  matcher: '200',
  interval: 10,
  timeout: 5,
  healthy: 2,
  unhealthy: 3,
}
/**
 * How long a task that starts is not ended for a health check that fails: the container's `startPeriod`, of which ECS takes no more,
 * and the service's grace period. The front listens when its pages are ready.
 */
export const START_SECONDS = 60
export const MOST_START_SECONDS = 300
/** An ALB closes an idle connection after so many seconds, unless told otherwise. */
export const IDLE_SECONDS = 60
export const DEPLOYMENT = {
  deploymentCircuitBreaker: { enable: true, rollback: true },
  minimumHealthyPercent: 100,
  maximumPercent: 200,
}

/** Gatehouse's other listeners, on loopback: settings and their defaults. */
export const LOOPBACK_PORTS = { ADMIN_PORT: 4001, EGRESS_PORT: 4002 }

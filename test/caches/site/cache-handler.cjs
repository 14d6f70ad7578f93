const { createIncrementalCacheHandler } = require('@leejpsd/nextjs-cache-handler/incremental')
const { openRedis } = require('./redis.cjs')

/** Pages, fetch() and unstable_cache. */
module.exports = createIncrementalCacheHandler({
  client: openRedis,
  buildNamespace: process.env.DEPLOYMENT_VERSION,
  fallback: 'never',
})

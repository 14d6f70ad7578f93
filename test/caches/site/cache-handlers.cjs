const { createCacheComponentsHandler } = require('@leejpsd/nextjs-cache-handler/cache-components')
const { openRedis } = require('./redis.cjs')

/** 'use cache'. */
module.exports = createCacheComponentsHandler({
  client: openRedis,
  buildNamespace: process.env.DEPLOYMENT_VERSION,
  fallback: 'never',
})

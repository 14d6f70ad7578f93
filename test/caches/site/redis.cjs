// required here, or the standalone output does not have it: the package itself loads its client by a name that is made up at run time
const { createClient } = require('@redis/client')

exports.openRedis = () => createClient({ url: process.env.REDIS_URL })

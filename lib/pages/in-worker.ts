import { subscribe } from 'node:diagnostics_channel'
import { IncomingMessage } from 'node:http'
import net from 'node:net'
import { readRest } from './rest.ts'

/**
 * Preloaded into every page worker, before Next's own server.js, which runs as it was built. It says where that listens,
 * answers for its event loop, and ends the process with the front.
 */
const { listen } = net.Server.prototype

/** Next reads PORT=0 as 3000, and a port that was free a moment ago may be taken: the first listener gets any free one. */
function listenAnywhere(this: net.Server): net.Server {
  net.Server.prototype.listen = listen
  this.once('listening', () => {
    const address = this.address()
    if (typeof address === 'object' && address) process.send?.({ port: address.port })
  })
  return listen.call(this, { port: 0, host: '127.0.0.1' })
}
Object.assign(net.Server.prototype, { listen: listenAnywhere })

// or the connection would be held for KEEP_ALIVE_TIMEOUT, though the front has closed it
subscribe('http.server.response.finish', message => {
  if (typeof message !== 'object' || message === null || !('request' in message)) return
  if (message.request instanceof IncomingMessage) readRest(message.request)
})

// anything that comes is a question whether the event loop turns
process.on('message', () => process.send?.({ rss: process.memoryUsage.rss() }, undefined, {}, () => {}))

// the front is gone, perhaps by kill -9: nobody is left to ask for a page, and no page's exit handler has a say
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))

// a terminal sends these to the whole process group, but the front alone says when a worker stops: by SIGTERM
const LEFT_TO_THE_FRONT: readonly (string | symbol)[] = ['SIGINT', 'SIGHUP']
const ignore = () => {}
for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, ignore)
process.on('newListener', (event, listener) => {
  if (LEFT_TO_THE_FRONT.includes(event)) process.nextTick(() => process.off(event, listener))
})

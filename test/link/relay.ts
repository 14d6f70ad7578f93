import dgram from 'node:dgram'
import { once } from 'node:events'

/**
 * The wire of a link: holds each packet back, between two socats that exchange packets with it over UDP on loopback.
 * Arguments: milliseconds, then the ports of both ends as `own:peer`. Says `ready`, and ends when stdin does.
 */
const [delay, ...ends] = process.argv.slice(2)
const DELAY_MS = Number(delay)

/** Timers of Node are whole milliseconds; a futex wakes up after this and some 50 µs more. */
const NAP_MS = 0.05

const nap = new Int32Array(new SharedArrayBuffer(4))
const held: { packet: Buffer; due: number; to: dgram.Socket }[] = []
let passing = false

async function open(ports: string): Promise<dgram.Socket> {
  const [own, peer] = ports.split(':').map(Number)
  const socket = dgram.createSocket('udp4')
  socket.bind(own, '127.0.0.1')
  await once(socket, 'listening')
  socket.connect(peer ?? 0, '127.0.0.1')
  await once(socket, 'connect')
  // a socat that is not there yet: TCP sends its packet again
  socket.on('error', () => {})
  return socket
}

function hold(packet: Buffer, to: dgram.Socket) {
  held.push({ packet, due: performance.now() + DELAY_MS, to })
  if (!passing) setImmediate(pass)
  passing = true
}

/** Sends on what is due, and comes back for the rest after what has arrived meanwhile. */
function pass() {
  for (let first = held[0]; first && first.due <= performance.now(); first = held[0]) {
    held.shift()
    first.to.send(first.packet)
  }
  passing = held[0] !== undefined
  if (held[0] === undefined) return
  if (held[0].due - performance.now() > 2 * NAP_MS) Atomics.wait(nap, 0, 0, NAP_MS)
  setImmediate(pass)
}

const [one, other] = await Promise.all(ends.map(open))
if (!one || !other) throw new Error('two ends are needed: own:peer own:peer')
one.on('message', packet => hold(packet, other))
other.on('message', packet => hold(packet, one))
process.stdin.resume().once('end', () => process.exit())
process.stdout.write('ready\n')

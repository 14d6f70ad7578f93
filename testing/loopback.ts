import { once } from 'node:events'
import { createServer, isIPv4 } from 'node:net'

export type Loopback = {
  /** What DNS_FAMILY has to be for these addresses: `4`, or `both` where ::1 is one of them. */
  family: '4' | 'both'
  /** How many addresses there are: few are used again when their node is gone. */
  size: number
  /** An address that is not in use yet; throws when there is none left. */
  fresh(inUse: (address: string) => boolean): string
}

/**
 * The addresses that nodes can have on this machine. Linux and Windows answer on all of 127.0.0.0/8; macOS only on
 * 127.0.0.1 and ::1, so that an ALB has two nodes there at most; a container may have 127.0.0.1 alone.
 * @param only these and no others
 */
export async function findLoopback(only?: readonly string[]): Promise<Loopback> {
  if (only) return few(only)
  if (!(await canBind('127.0.0.2'))) return few((await canBind('::1')) ? ['127.0.0.1', '::1'] : ['127.0.0.1'])
  // A random start, never 127.0.x: parallel test processes must not meet, nor meet other services.
  let last = (1 + Math.floor(Math.random() * 200)) * 65_536 + Math.floor(Math.random() * 256) * 256
  return {
    family: '4',
    size: Number.POSITIVE_INFINITY,
    fresh(inUse) {
      let address: string
      do {
        last++
        if (last % 256 === 255) last += 2 // no .255 and no .0
        address = `127.${(last >> 16) & 255}.${(last >> 8) & 255}.${last & 255}`
      } while (inUse(address))
      return address
    },
  }
}

function few(addresses: readonly string[]): Loopback {
  return {
    family: addresses.every(isIPv4) ? '4' : 'both',
    size: addresses.length,
    fresh(inUse) {
      const free = addresses.find(address => !inUse(address))
      if (!free)
        throw new Error(
          `There is no loopback address left besides ${addresses.join(', ')}; see docs/testing.md`,
        )
      return free
    },
  }
}

async function canBind(address: string): Promise<boolean> {
  const server = createServer()
  try {
    await once(server.listen(0, address), 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}

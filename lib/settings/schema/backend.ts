import { LEAST_BODY_MEMORY } from '../front-share.ts'
import { all, duration, isServer, oneOf, quantity, setting, UNITS } from '../kinds.ts'

/** How the API is found and reached, and the bounds in time and memory of what is passed to it. */
export const BACKEND = {
  DNS_SERVERS: setting(
    {
      initial: '',
      accepts: 'IP addresses with or without a port, comma separated: 169.254.169.253, 10.0.0.2:53',
      meaning:
        'DNS resolvers to ask: `169.254.169.253`, or `10.0.0.2:53`, comma separated. Empty: those of the system',
    },
    text => (text === '' ? Object.freeze([]) : all(text, isServer)),
  ),
  DNS_MAX_TTL: setting(
    {
      initial: '3',
      accepts: 'seconds, from 0.1 to 86400: 3 or 3s',
      meaning:
        "maximum time to cache a DNS answer, in seconds; where the answer's own TTL is shorter, that counts",
    },
    text => {
      const ms = quantity('ms', 's', 'm', 'h')(/^[\d.]+$/.test(text) ? `${text}s` : text)
      return ms !== undefined && ms >= 100 && ms <= 24 * UNITS.h ? ms : undefined
    },
  ),
  DNS_FAMILY: oneOf('4', ['4', '6', 'both'], 'addresses to ask DNS for: `4` (A), `6` (AAAA) or `both`'),
  CONNECT_TIMEOUT: duration(
    '1s',
    10,
    'maximum time to connect to one address, TCP and TLS together; a login has twice as long to find an address that works (failover)',
  ),
  BACKEND_TIMEOUT: duration(
    '55s',
    10,
    'maximum time without a byte from the API, then 504; must be below the 60 s of the ALBs on both sides',
  ),
  MAX_BODY: setting(
    {
      initial: '1mb',
      accepts: 'a size, such as 64kb or 1mb',
      meaning: 'maximum size of the body of a request to the API; a larger one gets 413',
    },
    quantity('b', 'kb', 'mb', 'gb'),
  ),
  MAX_HEADER: setting(
    {
      initial: '64kb',
      accepts: 'a size from 8kb to 256kb, such as 64kb',
      meaning:
        'maximum size of all headers of a request or a response together: a larger request gets 431, a larger response of the API becomes 502',
    },
    text => {
      const bytes = quantity('kb')(text)
      return bytes !== undefined && bytes >= 8 * UNITS.kb && bytes <= 256 * UNITS.kb ? bytes : undefined
    },
  ),
  KEEP_ALIVE_TIMEOUT: duration(
    '75s',
    1000,
    'how long an idle keep-alive connection of a client stays open; must be above the idle timeout of the public ALB',
  ),
  BODY_MEMORY: setting<number | null>(
    {
      initial: 'auto',
      accepts: 'auto, or a size from 1mb on, such as 32mb',
      meaning:
        "maximum memory for request bodies that are held at once, all together; beyond it a body is streamed to the API, and its request is not retried. `auto`: a sixteenth of the task's memory, 8mb to 512mb",
    },
    text => {
      if (text === 'auto') return null
      const bytes = quantity('mb', 'gb')(text)
      return bytes !== undefined && bytes >= LEAST_BODY_MEMORY ? bytes : undefined
    },
  ),
  MAX_BACKEND_REQUESTS: setting<number | null>(
    {
      initial: 'auto',
      accepts: 'auto, or a number from 1 to 100000',
      meaning:
        "maximum number of requests under way to the API at once; one more gets 503 `BACKEND_FULL` (load shedding). `auto`: what an eighth of the task's memory holds, 256 to 8192",
    },
    text => {
      if (text === 'auto') return null
      return /^[1-9]\d{0,5}$/.test(text) && Number(text) <= 100_000 ? Number(text) : undefined
    },
  ),
  REPLAY: oneOf(
    'on',
    ['on', 'off'],
    'retries. `on`: a request is retried where the API cannot have executed it. `off`: no retry once a byte was written to a connection, and no login asks with `Expect` first',
  ),
}

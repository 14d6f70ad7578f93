import { LEAST_BODY_MEMORY } from '../front-share.ts'
import { all, duration, isServer, oneOf, quantity, setting, UNITS } from '../kinds.ts'

/** How the API is found and reached, and the bounds in time and memory of what is passed to it. */
export const BACKEND = {
  DNS_SERVERS: setting(
    {
      initial: '',
      accepts: 'IP addresses with or without a port, comma separated: 169.254.169.253, 10.0.0.2:53',
      meaning: "resolvers to ask: `169.254.169.253`, or `10.0.0.2:53`, comma separated; empty: the system's",
    },
    text => (text === '' ? Object.freeze([]) : all(text, isServer)),
  ),
  DNS_MAX_TTL: setting(
    {
      initial: '3',
      accepts: 'seconds, from 0.1 to 86400: 3 or 3s',
      meaning: 'seconds that an answer is believed at most; its own TTL where that is shorter',
    },
    text => {
      const ms = quantity('ms', 's', 'm', 'h')(/^[\d.]+$/.test(text) ? `${text}s` : text)
      return ms !== undefined && ms >= 100 && ms <= 24 * UNITS.h ? ms : undefined
    },
  ),
  DNS_FAMILY: oneOf('4', ['4', '6', 'both'], 'addresses to ask for: `4` (A), `6` (AAAA) or `both`'),
  CONNECT_TIMEOUT: duration(
    '1s',
    10,
    'for TCP and TLS to one address; a login looks for one for twice as long',
  ),
  BACKEND_TIMEOUT: duration(
    '55s',
    10,
    'silence from the backend, then 504; below the 60 s of the ALBs on both sides',
  ),
  MAX_BODY: setting(
    {
      initial: '1mb',
      accepts: 'a size, such as 64kb or 1mb',
      meaning: 'a larger login body gets 413',
    },
    quantity('b', 'kb', 'mb', 'gb'),
  ),
  MAX_HEADER: setting(
    {
      initial: '64kb',
      accepts: 'a size from 8kb to 256kb, such as 64kb',
      meaning: 'the largest head of a request or an answer: a larger request gets 431, a larger answer 502',
    },
    text => {
      const bytes = quantity('kb')(text)
      return bytes !== undefined && bytes >= 8 * UNITS.kb && bytes <= 256 * UNITS.kb ? bytes : undefined
    },
  ),
  KEEP_ALIVE_TIMEOUT: duration(
    '75s',
    1000,
    'an idle connection of a client stays open for so long; above the idle timeout of the ALB before the front',
  ),
  BODY_MEMORY: setting<number | null>(
    {
      initial: 'auto',
      accepts: 'auto, or a size from 1mb on, such as 32mb',
      meaning:
        "request bodies that are held in memory at once, all together; beyond it a body is streamed to the API and is not sent again. `auto`: a sixteenth of the task's memory, 8mb to 512mb",
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
        "requests under way to the API at once; one more gets 503 `BACKEND_FULL`. `auto`: what an eighth of the task's memory holds, 256 to 8192",
    },
    text => {
      if (text === 'auto') return null
      return /^[1-9]\d{0,5}$/.test(text) && Number(text) <= 100_000 ? Number(text) : undefined
    },
  ),
  REPLAY: oneOf(
    'on',
    ['on', 'off'],
    '`off`: what a connection had begun to carry is never sent again, and no login asks with `Expect` first',
  ),
}

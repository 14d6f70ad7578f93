import { duration, quantity, setting } from '../kinds.ts'
import { LEAST_PAGE_MEMORY } from '../page-share.ts'

/** The processes that render the pages, and what a stop leaves them and the front. */
export const PAGES = {
  PAGE_WORKERS: setting(
    {
      initial: '1',
      accepts: 'a number of processes from 0 to 64',
      meaning:
        "number of processes that render the pages; more than one only for an app with a `cacheHandler`, since each process has its own cache. `0`: the server's own process renders them",
    },
    text => (/^\d{1,2}$/.test(text) && Number(text) <= 64 ? Number(text) : undefined),
  ),
  PAGE_MEMORY: setting<number | null>(
    {
      initial: 'auto',
      accepts: 'auto, or a size from 128mb on, such as 512mb or 1gb',
      meaning:
        "maximum memory of one page worker: one that holds more is replaced gracefully. It is the limit of its heap, too, unless `NODE_OPTIONS` has `--max-old-space-size`. `auto`: half of the task's memory for all of them, 128mb to 4gb each",
    },
    text => {
      if (text === 'auto') return null
      const bytes = quantity('mb', 'gb')(text)
      return bytes !== undefined && bytes >= LEAST_PAGE_MEMORY ? bytes : undefined
    },
  ),
  PAGE_TIMEOUT: duration(
    '0s',
    0,
    'maximum time without a byte from a page that has not begun to answer, then 502. `0s`: no limit, as under `next start`',
  ),
  STOP_DELAY: duration(
    '5s',
    0,
    'graceful shutdown, first part: how long after SIGTERM new requests are still served, while the public ALB deregisters the task',
  ),
  STOP_TIMEOUT: duration(
    '25s',
    0,
    'graceful shutdown, second part: how long after STOP_DELAY requests in flight, `after()` and SIGTERM handlers of pages may take to finish (draining)',
  ),
}

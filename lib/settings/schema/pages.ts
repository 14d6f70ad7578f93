import { duration, quantity, setting } from '../kinds.ts'
import { LEAST_PAGE_MEMORY } from '../page-share.ts'

/** The processes that render the pages, and what a stop leaves them and the front. */
export const PAGES = {
  PAGE_WORKERS: setting(
    {
      initial: '1',
      accepts: 'a number of processes from 0 to 64',
      meaning:
        "processes that render the pages; more than one for an app with a `cacheHandler`: each process has a cache of its own; `0`: the front's own process renders them",
    },
    text => (/^\d{1,2}$/.test(text) && Number(text) <= 64 ? Number(text) : undefined),
  ),
  PAGE_MEMORY: setting<number | null>(
    {
      initial: 'auto',
      accepts: 'auto, or a size from 128mb on, such as 512mb or 1gb',
      meaning:
        "a page worker that holds more is replaced gracefully; its heap ends there, too, unless `NODE_OPTIONS` has `--max-old-space-size`. `auto`: half of the task's memory for all of them, 128mb to 4gb each",
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
    'silence of a page that has not begun to answer, then 502; `0s`: no limit, as under `next start`',
  ),
  STOP_DELAY: duration('5s', 0, 'after SIGTERM: still serving while the public ALB lets go'),
  STOP_TIMEOUT: duration(
    '25s',
    0,
    'then: what is in flight, `after()` and SIGTERM handlers of pages may finish for this long',
  ),
}

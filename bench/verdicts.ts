import { type Figures, median } from './figures.ts'

/** What is aimed at, over the medians of one run. */
export type Verdict = {
  words: string
  /** undefined where it was not measured */
  value: number | undefined
  atLeast?: number
  atMost?: number
  met?: boolean
}

const GATEHOUSE = 'Gatehouse'
const WITH_NEXT = 'nginx + next start'
const NEXT_ALONE = 'next start'
const IMAGE = 'Gatehouse, the image'
/** Two runs of the same differ by this much. */
const NOISE = 0.03

/** All targets; `met` is absent where one was not measured, or only printed. */
export function verdicts(figures: Figures): Verdict[] {
  const of = (part: string, contender: string, name: string) => median(figures, part, contender, name)
  const ratio = (part: string, name: string, one: string, other: string) => {
    const [above, below] = [of(part, one, name), of(part, other, name)]
    return above === undefined || !below ? undefined : above / below
  }
  const saturated = (name: string) => ratio('saturated', name, GATEHOUSE, WITH_NEXT)
  const cpu = (other: string) => ratio('login', 'cpu', GATEHOUSE, other)
  const pages = (page: string, one: string, other: string) => ratio(`pages: ${page}`, 'rate', one, other)
  const nginxOnLink = of('link', 'nginx', 'p50')
  const gatehouseOnLink = of('link', GATEHOUSE, 'p50')
  const gain =
    nginxOnLink === undefined || gatehouseOnLink === undefined ? undefined : nginxOnLink - gatehouseOnLink
  const kinds = ['static page', 'dynamic page', 'heavy page']
  const aCore = `${GATEHOUSE}, a worker a core`

  const all: Verdict[] = [
    { words: 'pages saturated: logins/s, × nginx + next start', value: saturated('rate'), atLeast: 4 },
    {
      words: 'pages saturated: p50 of a login, × nginx + next start',
      value: saturated('p50'),
      atMost: 1 / 4,
    },
    {
      words: 'pages saturated: p99 of a login, × nginx + next start',
      value: saturated('p99'),
      atMost: 2 / 3,
    },
    { words: 'CPU per login, × nginx', value: cpu('nginx'), atMost: 1 / 3 },
    { words: 'logins/s, × nginx', value: ratio('login', 'rate', GATEHOUSE, 'nginx'), atLeast: 3 },
    { words: 'link: p50 below nginx, ms', value: gain, atLeast: 2 },
    { words: 'CPU per login, × plain recipe', value: cpu('plain recipe'), atMost: 1 },
    { words: 'CPU per login, × Next rewrites', value: cpu('Next rewrites'), atMost: 1 },
    { words: 'CPU per login, × @fastify/http-proxy', value: cpu('@fastify/http-proxy'), atMost: 1 },
    { words: 'CPU per login with its log, × without', value: cpu(`${GATEHOUSE}, no log`), atMost: 1.1 },
    { words: 'CPU per login, × nginx 1.30, resolve', value: cpu('nginx 1.30, resolve') },
    { words: 'CPU per login, × HAProxy 3.2', value: cpu('HAProxy 3.2') },
    ...kinds.map(kind => ({
      words: `${kind}: pages/s, × nginx + next start`,
      value: pages(kind, GATEHOUSE, WITH_NEXT),
      atLeast: 1,
    })),
    ...kinds.map(kind => ({
      words: `${kind}: pages/s, × next start`,
      value: pages(kind, GATEHOUSE, NEXT_ALONE),
    })),
    ...kinds.map(kind => ({
      words: `${kind}: pages/s with a worker a core, × 1 worker (${NOISE * 100} % is noise)`,
      value: pages(kind, aCore, GATEHOUSE),
      atLeast: 1 - NOISE,
    })),
    {
      words: 'static file: answers/s, × nginx + next start',
      value: pages('static file', GATEHOUSE, WITH_NEXT),
      atLeast: 3,
    },
    {
      words: 'static file, uncompressed: answers/s, × nginx + next start',
      value: pages('static file, uncompressed', GATEHOUSE, WITH_NEXT),
      atLeast: 3,
    },
    { words: 'at rest with one worker, MB', value: of('start', IMAGE, 'restMb'), atMost: 150 },
    { words: 'at rest, MB: next start', value: of('start', NEXT_ALONE, 'restMb') },
    {
      words: 'CPU until the first login and page, × without the compile cache',
      value: ratio('start', 'startCpu', IMAGE, `${IMAGE} without its compile cache`),
      atMost: 0.95,
    },
    {
      words: 'first page after the start, × next start',
      value: ratio('start', 'firstPage', IMAGE, NEXT_ALONE),
    },
  ]
  return all.map(judge)
}

function judge(verdict: Verdict): Verdict {
  const { value, atLeast, atMost } = verdict
  if (value === undefined || (atLeast === undefined && atMost === undefined)) return verdict
  return { ...verdict, met: value >= (atLeast ?? value) && value <= (atMost ?? value) }
}

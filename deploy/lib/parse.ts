import { isIPv4 } from 'node:net'

/** An image in ECR, as a task definition and the right to pull it need it. */
export type EcrImage = {
  readonly account: string
  readonly region: string
  readonly name: string
  /** a tag, or a digest: `sha256:…` */
  readonly version: string
}

/** `111122223333.dkr.ecr.ap-northeast-1.amazonaws.com/gatehouse:1.2.0`, or `…/gatehouse@sha256:…` */
export function ecrImage(uri: string): EcrImage | undefined {
  const [, account, region, name, tag, digest] =
    /^(\d{12})\.dkr\.ecr\.([\w-]+)\.amazonaws\.com(?:\.cn)?\/([a-z0-9][\w./-]*)(?::([\w.-]+)|@(sha256:[0-9a-f]{64}))$/.exec(
      uri,
    ) ?? []
  const version = tag ?? digest
  return account && region && name && version ? { account, region, name, version } : undefined
}

/** Where the API is: as Gatehouse takes it in BACKEND_ORIGIN, and as its metrics name it (`host`, a default port left out). */
export type Origin = { readonly origin: string; readonly host: string; readonly port: number }

export function parseOrigin(text: string): Origin | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || `${url.origin}/` !== url.href || !/^https?:$/.test(url.protocol)) return undefined
  return {
    origin: url.origin,
    host: url.host,
    port: Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
  }
}

const SECONDS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600 }

/** A time as Gatehouse's settings have it (`500ms`, `25s`, `1m`), in seconds. */
export function seconds(text: string): number | undefined {
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/i.exec(text.trim()) ?? []
  const factor = SECONDS[unit.toLowerCase()]
  return factor === undefined ? undefined : Number(digits) * factor
}

export function isRange(text: string): boolean {
  const [address = '', bits = ''] = text.split('/')
  return isIPv4(address) && /^\d{1,2}$/.test(bits) && Number(bits) <= 32
}

/** What Fargate offers: for each CPU size (1024 is one vCPU) the memory in MiB, from, to, in steps of. */
const FARGATE: Readonly<Record<number, readonly [from: number, to: number, step: number]>> = {
  256: [512, 2048, 512],
  512: [1024, 4096, 1024],
  1024: [2048, 8192, 1024],
  2048: [4096, 16_384, 1024],
  4096: [8192, 30_720, 1024],
}

export const CPU_SIZES = Object.keys(FARGATE).map(Number)

/** What is accepted as memory beside this CPU; undefined when `memory` is. */
export function memoryMistake(cpu: number, memory: number): string | undefined {
  const range = FARGATE[cpu]
  if (!range) return undefined
  const [from, to, step] = range
  const fits =
    memory >= from && memory <= to && (memory - from) % step === 0 && !(cpu === 256 && memory === 1536)
  if (fits) return undefined
  return cpu === 256 ? '512, 1024 or 2048 beside 256' : `${from} to ${to} in steps of ${step} beside ${cpu}`
}

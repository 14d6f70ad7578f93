import { z } from 'zod'
import { fittingBodies, fittingRequests, memoryFor, nodeOptions } from './memory.ts'
import type { Routes } from './routes.ts'
import { BACKEND } from './schema/backend.ts'
import { CLIENTS } from './schema/clients.ts'
import { OBSERVE } from './schema/observe.ts'
import { PAGES } from './schema/pages.ts'
import { ROUTING } from './schema/routing.ts'
import type { Words } from './words.ts'

/** Every setting, in the order in which `--help` and the docs show them. */
const SETTINGS = z.object({ ...ROUTING, ...BACKEND, ...CLIENTS, ...PAGES, ...OBSERVE })

/** The settings of an environment; what is `auto` there has its number. Times are in milliseconds, sizes in bytes. */
export const SCHEMA = SETTINGS.transform(settings => ({
  ...settings,
  OTEL_EXPORTER_OTLP_ENDPOINT: settings.OTEL_SDK_DISABLED ? null : settings.OTEL_EXPORTER_OTLP_ENDPOINT,
  PAGE_MEMORY: settings.PAGE_MEMORY ?? memoryFor(settings.PAGE_WORKERS, nodeOptions()),
  BODY_MEMORY: settings.BODY_MEMORY ?? fittingBodies(),
  MAX_BACKEND_REQUESTS: settings.MAX_BACKEND_REQUESTS ?? fittingRequests(),
}))

export type Config = Readonly<z.output<typeof SCHEMA>> & Routes

const InWords = z.object({ en: z.string(), ja: z.string() })
const Description = z.object({ initial: z.string(), meaning: InWords, accepts: InWords })
const DESCRIPTIONS = Object.entries(SETTINGS.shape).map(([name, schema]) => ({
  name,
  ...Description.parse(schema.meta()),
}))

/** Every setting with its description, in the order of the schema; `initial` is its default, empty where it has none. */
export const describeSettings = (language: keyof Words = 'en') =>
  DESCRIPTIONS.map(({ name, initial, meaning, accepts }) => ({
    name,
    initial,
    meaning: meaning[language],
    accepts: accepts[language],
  }))

/** What a setting accepts. */
export const acceptedBy = (name: unknown): Words | undefined =>
  DESCRIPTIONS.find(each => each.name === name)?.accepts

const ACCEPTED: Words = { en: 'Accepted: ', ja: '指定できる値：' }

/** All settings for a terminal, each as `NAME=default` with what it means and accepts below it: what `--help` and `config` print. */
export const settingsList = (language: keyof Words = 'en'): string =>
  describeSettings(language)
    .map(
      ({ name, initial, meaning, accepts }) =>
        `${name}=${initial}\n  ${meaning}\n  ${ACCEPTED[language]}${accepts}\n`,
    )
    .join('\n')

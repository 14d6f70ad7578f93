import type { Configuration } from './configurations/configuration.ts'
import { EXACT_PATHS } from './configurations/exact-paths.ts'
import { HEADERS_AND_LIMITS } from './configurations/headers-and-limits.ts'
import { PATTERNS } from './configurations/patterns.ts'
import { PREFIXES } from './configurations/prefixes.ts'

export const CONFIGURATIONS: readonly Configuration[] = [
  ...PREFIXES,
  ...HEADERS_AND_LIMITS,
  ...PATTERNS,
  ...EXACT_PATHS,
]

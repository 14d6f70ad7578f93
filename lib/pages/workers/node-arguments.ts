/**
 * What pages have under `next start`, too: what is preloaded, how modules are found, memory, certificates, the network, warnings. The others are the front's own:
 * its debugger and profiler, and `--env-file`, by which a worker would read the secrets that are kept from it.
 */
const OF_PAGES = new RegExp(
  `^(-r|-C|--(${[
    'require|import|conditions|(experimental-)?loader|preserve-symlinks',
    'max-old-space-size(-percentage)?|max-semi-space-size|stack-size|expose-gc|heapsnapshot-.+',
    'use-(openssl|system|bundled)-ca|use-env-proxy|openssl-.+|tls-.+',
    'dns-result-order|(no-)?network-family-autoselection(-attempt-timeout)?',
    'enable-source-maps|stack-trace-limit|unhandled-rejections|disable-warning|no-warnings|no-deprecation|trace-(warnings|deprecation|uncaught)',
  ].join('|')}))$`,
)

/** Of the arguments of the front's Node, those that count for pages. A value may be an argument of its own; Node takes none that begins with `-`. */
export function forPages(execArgv: readonly string[]): string[] {
  let counts = false
  return execArgv.filter(each => {
    // V8 takes its own with underscores
    if (each.startsWith('-')) counts = OF_PAGES.test(each.replace(/=.*/s, '').replaceAll('_', '-'))
    return counts
  })
}

/** The last of a worker's own. What came from the front is behind it, since the last one counts, and before the preload. */
export const LAST_OWN = '--max-http-header-size='

/** Leaves what came from the front: a process that a page forks has that, as under `next start`. */
export function dropOwn(execArgv: string[]): void {
  execArgv.pop()
  execArgv.splice(0, execArgv.findIndex(each => each.startsWith(LAST_OWN)) + 1)
}

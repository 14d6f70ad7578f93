// @ts-check

import { make } from './dom.js'

/**
 * A link to what the runbook says of it, with white space before it; nothing where it has no section.
 * @param {string | undefined} section
 * @returns {(string | Node)[]}
 */
export function runbookLink(section) {
  if (section === undefined) return []
  const link = make('a', 'runbook', { en: 'Runbook', ja: 'ランブック' })
  link.setAttribute('href', `runbook#${section}`)
  return [' ', link]
}

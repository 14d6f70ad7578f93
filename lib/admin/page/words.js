// @ts-check
/** @import { Words } from '../../settings/words.ts' */

/** The front has found what the browser asks for. */
const language = document.documentElement.lang === 'ja' ? 'ja' : 'en'

/**
 * In the page's language.
 * @param {Words} words
 */
export const say = words => words[language]

/** The texts of status.html, in place: those in Japanese stand in attributes beside them. */
export function translatePage() {
  if (language === 'en') return
  for (const each of document.querySelectorAll('[data-ja]'))
    if (each instanceof HTMLElement) each.textContent = each.dataset.ja ?? ''
  for (const each of document.querySelectorAll('[data-ja-label]'))
    if (each instanceof HTMLElement) each.ariaLabel = each.dataset.jaLabel ?? ''
}

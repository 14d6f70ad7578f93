// @ts-check

/** @import { Words } from '../../settings/words.ts' */

import { say } from './words.js'

/**
 * @param {string} id
 * @returns {HTMLElement}
 */
export function element(id) {
  const found = document.getElementById(id)
  if (!found) throw new Error(`no #${id}`)
  return found
}

/**
 * Only where it differs: what is selected stays so, and a screen reader is told nothing twice.
 * @param {Element} where
 * @param {string | Words} text a string is data, which is in no language
 */
export function write(where, text) {
  const said = inPage(text)
  if (where.textContent !== said) where.textContent = said
}

/** @param {string | Words} text */
const inPage = text => (typeof text === 'string' ? text : say(text))

/**
 * A new element with a class and its children; a string is data, which is in no language.
 * @param {string} tag
 * @param {string} className
 * @param {(string | Words | Node)[]} children
 */
export function make(tag, className = '', ...children) {
  const made = document.createElement(tag)
  if (className !== '') made.className = className
  made.append(...children.map(each => (each instanceof Node ? each : inPage(each))))
  return made
}

/**
 * Makes the children of a list those of the items, in their order; those that stay are changed in place.
 * @template T
 * @param {Element} list
 * @param {readonly T[]} items
 * @param {(item: T) => string} keyOf
 * @param {(item: T) => HTMLElement} create
 * @param {(child: HTMLElement, item: T) => void} update
 */
export function keep(list, items, keyOf, create, update) {
  /** @type {Map<string | undefined, HTMLElement>} */
  const before = new Map()
  for (const child of list.children) if (child instanceof HTMLElement) before.set(child.dataset.key, child)
  items.forEach((item, i) => {
    const key = keyOf(item)
    let child = before.get(key)
    if (!child) {
      child = create(item)
      child.dataset.key = key
    }
    before.delete(key)
    update(child, item)
    if (list.children[i] !== child) list.insertBefore(child, list.children[i] ?? null)
  })
  for (const child of before.values()) child.remove()
}

/**
 * A part of a child that `keep` made.
 * @param {HTMLElement} child
 * @param {string} className
 * @returns {Element}
 */
export function part(child, className) {
  return child.getElementsByClassName(className)[0] ?? child
}

/**
 * A line of a list in time: when, its shape, and what is said of it.
 * @param {string} at ISO 8601
 * @param {string} mark
 * @param {HTMLElement} said
 */
export function timedItem(at, mark, said) {
  const time = make('time', '', new Date(at).toTimeString().slice(0, 8))
  time.setAttribute('datetime', at)
  const shape = make('span', 'shape', mark)
  shape.ariaHidden = 'true'
  return make('li', '', time, ' ', shape, ' ', said)
}

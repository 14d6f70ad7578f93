/** How a request or an answer says where its body ends, and what then comes. Text is latin1. */
export type Framed = { readonly headers: readonly string[]; readonly body: string }

/** Which case: `4711/12` is the one that seed 4711 makes of number 12. */
export type Key = { readonly seed: number; readonly number: number }

/** The cases of a seed from a number on. */
export const keysOf = (seed: number, count: number, from = 0): Key[] =>
  Array.from({ length: count }, (_, i) => ({ seed, number: from + i }))

export type Random = ReturnType<typeof createRandom>

/**
 * Repeatable randomness: the same key gives the same choices, on every machine.
 * @param key each has its own sequence, so that one can be repeated without those before it
 */
export function createRandom({ seed, number }: Key) {
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(number + 1, 0xc2b2ae35)
  // mulberry32
  function next() {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  /** a whole number, 0 ≤ it < limit */
  const below = (limit: number) => Math.floor(next() * limit)
  return {
    below,
    /** whether something of this probability, 0 to 1, happens */
    chance: (probability: number) => next() < probability,
    pick<T>(choices: readonly T[]): T {
      const [choice] = choices.slice(below(choices.length))
      if (choice === undefined) throw new Error('nothing to choose from')
      return choice
    },
  }
}

/** Names nothing else by accident, whatever byte of it is changed. */
export const idOf = (key: Key) =>
  `${key.number}-${createRandom(key)
    .below(2 ** 30)
    .toString(36)}`

/** Cuts a text into the pieces that are written one by one: whole, in halves, in small pieces, byte by byte. */
export function cut(text: string, random: Random): string[] {
  const how = random.pick(['whole', 'whole', 'whole', 'two', 'pieces', 'bytes'])
  if (how === 'whole' || text.length < 2) return [text]
  if (how === 'two') {
    const at = 1 + random.below(text.length - 1)
    return [text.slice(0, at), text.slice(at)]
  }
  // byte by byte only as far as a head goes: the rest of a large body would take its time and show nothing
  const size = how === 'bytes' ? 1 : 2 + random.below(60)
  const pieces: string[] = []
  let at = 0
  for (; at < text.length && pieces.length < 400; at += size) pieces.push(text.slice(at, at + size))
  return at < text.length ? [...pieces, text.slice(at)] : pieces
}

/** A list of odd texts; each row holds several, with ¦ between them. */
export const list = (...rows: readonly string[]): string[] => rows.flatMap(row => row.split('¦'))

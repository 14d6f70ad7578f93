import type { IncomingMessage } from 'node:http'
import { GatewayError } from '../../http/errors.ts'
import type { Log } from '../../log.ts'
import type { Client } from '../../observe/outcome.ts'
import type { LimitTally } from '../../observe/tally.ts'
import type { Body } from '../../proxy/body.ts'
import type { Limit } from '../../settings/kinds.ts'
import { SAFE } from '../cross-site.ts'
import { watchAlike } from './alike.ts'
import { createCount } from './count.ts'
import { accountKeys, addressKey } from './keys.ts'
import { createLanes, type Lanes, type Place } from './queue.ts'
import { openStore } from './store.ts'

/** Bounds the guessing of passwords: so many failed logins per client address, and per account name. */
export type LoginLimit = {
  /**
   * Before a login goes to the backend. A proxy that says nothing of its clients is not counted.
   * @param client whom it comes from; by default whom X-Real-IP names, as admission wrote it
   * @throws GatewayError TOO_MANY where a count is full; what `accountKeys` throws; BAD_REQUEST when the client leaves
   */
  check(req: IncomingMessage, body: Body | undefined, client?: Client): Promise<void>
  /**
   * Once a request is over, whatever `check` said.
   * @param status the backend's, or else the front's own; undefined where the client left before
   */
  settle(req: IncomingMessage, status: number | undefined): void
  readonly tally: LimitTally
  close(): void
}

type Options = {
  readonly perAddress: Limit | null
  readonly perAccount: Limit | null
  /** null: this process counts for itself */
  readonly store: URL | null
  readonly log: Log
}

type Kind = keyof LimitTally['refused']
type Guess = { readonly places: Place[]; readonly left: AbortController; named: boolean; sent: boolean }

/** Where a request has its guess; why not in a Map: exchange.ts. */
const GUESS = Symbol('guess')
declare module 'node:http' {
  interface IncomingMessage {
    [GUESS]?: Guess
  }
}

/**
 * Opens the limits, and the connection to their store without waiting for it.
 * @returns undefined where both limits are off
 */
export async function createLoginLimit(options: Options): Promise<LoginLimit | undefined> {
  const { perAddress, perAccount, log } = options
  if (!perAddress && !perAccount) return undefined
  const store = options.store ? await openStore(options.store, log) : undefined
  const addresses = perAddress && createLanes('address', await createCount('address', perAddress, store))
  const accounts = perAccount && createLanes('account', await createCount('account', perAccount, store))
  const refused = { address: 0, account: 0 }
  const alike = watchAlike(log)
  let saidUnnamed = false

  function guessOf(req: IncomingMessage): Guess {
    req[GUESS] ??= { places: [], left: new AbortController(), named: true, sent: false }
    return req[GUESS]
  }

  async function enter(guess: Guess, kind: Kind, lanes: Lanes, key: string, onRefused = () => {}) {
    try {
      guess.places.push(await lanes.enter(key, guess.left.signal))
    } catch (error) {
      if (!guess.left.signal.aborted) {
        refused[kind]++
        onRefused()
      }
      throw error
    }
  }

  async function enterAs(client: Client, guess: Guess, lanes: Lanes) {
    alike.look(client)
    if (client.is === 'proxy') return
    await enter(guess, 'address', lanes, addressKey(client.address), () => alike.refused(client))
  }

  return {
    tally: { refused, ...(store && { store: store.tally }) },
    async check(req, body, client = { address: String(req.headers['x-real-ip']), is: 'client' }) {
      if (SAFE.includes(req.method ?? '')) return
      const guess = guessOf(req)
      const names = accounts ? await accountKeys(req, body) : []
      guess.named = names.length > 0
      // always in this order, so that no two logins wait for each other
      if (addresses) await enterAs(client, guess, addresses)
      if (accounts) for (const name of names) await enter(guess, 'account', accounts, name)
      guess.sent = true
    },
    settle(req, status) {
      if (SAFE.includes(req.method ?? '')) return
      // it may be the first that is heard of this one: the client left as soon as its body was whole
      const guess = guessOf(req)
      // A client that hangs up without an answer counts as failed: where an API takes its time to refuse, one that
      // hangs up after the time of a success would learn as much, and never be counted.
      // A success resets nothing. An attacker with an account of their own would log in to it between guesses; and the
      // front cannot tell a success for sure, for APIs answer a failed form with a redirect.
      const failed = guess.sent && (status === undefined || status === 401 || status === 403)
      guess.left.abort(new GatewayError('BAD_REQUEST', new Error('the client left before its turn')))
      if (failed && accounts && !guess.named && !saidUnnamed) {
        saidUnnamed = true
        log.warn('a failed login names no account that could be found: LOGIN_LIMIT_ACCOUNT does not see it')
      }
      for (const place of guess.places.splice(0)) place.leave(failed)
    },
    close: () => store?.close(),
  }
}

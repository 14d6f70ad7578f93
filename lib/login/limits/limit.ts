import type { IncomingMessage } from 'node:http'
import type { Log } from '../../log.ts'
import type { Client } from '../../observe/outcome.ts'
import type { LimitTally } from '../../observe/tally.ts'
import type { Body } from '../../proxy/body.ts'
import type { Config } from '../../settings/settings.ts'
import { watchAlike } from './alike.ts'
import { createCount } from './count.ts'
import { type Accounts, accountKeys, addressKey } from './keys.ts'
import { createQueue, type Permit, type Queue } from './queue.ts'
import { openStore } from './store.ts'

const NOBODY: Accounts = { keys: [], sharedKey: undefined }

/** Bounds the guessing of passwords: so many failed logins per client address, and per account name. */
export type LoginLimit = NonNullable<Awaited<ReturnType<typeof createLoginLimit>>>
/** A login that was let through. */
export type Pass = Awaited<ReturnType<LoginLimit['enter']>>

type Settings = Pick<Config, 'LOGIN_LIMIT' | 'LOGIN_LIMIT_ACCOUNT' | 'LIMIT_STORE'>

/**
 * Opens the limits, and the connection to their store without waiting for it.
 * @returns undefined where both limits are off
 */
export async function createLoginLimit(settings: Settings, log: Log) {
  const { LOGIN_LIMIT: perAddress, LOGIN_LIMIT_ACCOUNT: perAccount, LIMIT_STORE: url } = settings
  if (!perAddress && !perAccount) return undefined
  const store = url ? await openStore(url, log) : undefined
  const addresses = perAddress && createQueue('address', await createCount('address', perAddress, store))
  const accounts = perAccount && createQueue('account', await createCount('account', perAccount, store))
  const refused = { address: 0, account: 0 }
  const alike = watchAlike(log)
  let saidUnnamed = false

  async function enterOne(kind: keyof typeof refused, queue: Queue, key: string, signal: AbortSignal) {
    try {
      return await queue.enter(key, signal)
    } catch (error) {
      if (!signal.aborted) refused[kind]++
      throw error
    }
  }

  async function enterAs(client: Client, queue: Queue, permits: Permit[], signal: AbortSignal) {
    alike.look(client)
    if (client.is === 'proxy') return
    try {
      permits.push(await enterOne('address', queue, addressKey(client.address), signal))
    } catch (error) {
      if (!signal.aborted) alike.refused(client)
      throw error
    }
  }

  return {
    tally: { refused, ...(store && { store: store.tally }) } satisfies LimitTally,
    /**
     * Before a login goes to the backend; waits while logins under way fill a count. A proxy that says nothing of its clients
     * is not counted.
     * @param signal aborted when the client leaves
     * @throws GatewayError TOO_MANY where a count is full; what `accountKeys` throws; the signal's reason
     */
    async enter(req: IncomingMessage, body: Body | undefined, client: Client, signal: AbortSignal) {
      const { keys, sharedKey } = accounts ? await accountKeys(req, body) : NOBODY
      const permits: Permit[] = []
      let sharedPermit: Permit | undefined
      const leaveAll = (failed: boolean, challenged = false) => {
        for (const permit of permits.splice(0))
          permit.release(failed && (permit !== sharedPermit || challenged))
      }
      try {
        // always in this order, so that no two logins wait for each other
        if (addresses) await enterAs(client, addresses, permits, signal)
        if (accounts)
          for (const key of keys) {
            const permit = await enterOne('account', accounts, key, signal)
            if (key === sharedKey) sharedPermit = permit
            permits.push(permit)
          }
        signal.throwIfAborted()
      } catch (error) {
        leaveAll(false)
        throw error
      }
      return {
        /**
         * Call once, when the login is over.
         * @param status the backend's, or else Gatehouse's own; undefined where the client left before
         * @param challenged whether the answer asks for Basic or Digest credentials
         */
        leave(status: number | undefined, challenged?: boolean) {
          // A client that leaves before the answer counts as failed: where an API takes longer to refuse than to accept, a guesser could leave after the
          // time of a success, learn as much, and never be counted.
          // A success resets nothing: an attacker would log in to an account of their own between guesses; and success cannot be told for sure, since
          // APIs answer a failed form with a redirect.
          const failed = status === undefined || status === 401 || status === 403
          if (failed && accounts && keys.length === 0 && !saidUnnamed) {
            saidUnnamed = true
            log.warn('no account name was found in a failed login: LOGIN_LIMIT_ACCOUNT does not count it')
          }
          // Only a challenge says that credentials which all visitors may share are wrong (RFC 9110 §11.6.1). If a client that
          // hangs up counted for them, it could lock everybody out.
          leaveAll(failed, challenged)
        },
      }
    },
    close: () => store?.close(),
  }
}

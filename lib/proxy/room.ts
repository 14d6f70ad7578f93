import { GatewayError } from '../http/errors.ts'
import { type Bound, meet } from '../observe/bounds.ts'

/** Where there are several APIs, one has so much of the room at most: one that hangs leaves the rest to the others. */
const SHARE = 3 / 4

export type Room = ReturnType<typeof createRoom>

/** The room for requests under way to the APIs (load shedding). @param apis how many there are */
export function createRoom(requests: Bound, apis: number) {
  const most = apis > 1 ? Math.ceil(requests.most * SHARE) : requests.most
  const byBackend = new Map<string, number>()
  const add = (backend: string, count: 1 | -1) => {
    requests.now += count
    byBackend.set(backend, (byBackend.get(backend) ?? 0) + count)
  }
  /** @throws GatewayError BACKEND_FULL where there is none for one more to this API; it is counted */
  function check(backend: string) {
    if (requests.now < requests.most && (byBackend.get(backend) ?? 0) < most) return
    meet(requests)
    throw new GatewayError('BACKEND_FULL')
  }
  return {
    check,
    /** Takes it. @returns to be called when the request is over @throws the same */
    enter(backend: string): () => void {
      check(backend)
      add(backend, 1)
      return () => add(backend, -1)
    },
  }
}

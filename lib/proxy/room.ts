import { GatewayError } from '../http/errors.ts'
import type { Bound } from '../observe/bounds.ts'

/** @throws GatewayError BACKEND_FULL where the limit of requests under way to the backends is reached; it is counted */
export function checkRoom(requests: Bound): void {
  if (requests.now < requests.most) return
  requests.met++
  throw new GatewayError('BACKEND_FULL')
}

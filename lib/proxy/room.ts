import { GatewayError } from '../http/errors.ts'
import type { Bound } from '../observe/bounds.ts'

/** @throws GatewayError BACKEND_FULL where as many requests as may be are under way to the backends; it is counted */
export function checkRoom(requests: Bound): void {
  if (requests.now < requests.most) return
  requests.met++
  throw new GatewayError('BACKEND_FULL')
}

/** `gatehouse/testing`: what end-to-end tests of an app under Gatehouse use, with any test runner. */
export { type Balancer, startBalancer } from './balancer.ts'
export type { BalancerEvent, BalancerOptions, ReplaceOptions } from './balancer-options.ts'
export { expectNoLoginLost, type NoLoginLostOptions } from './expect-no-login-lost.ts'
export { type Front, type FrontOptions, startFront } from './front.ts'
export type { Login, LoginAnswer, LoginRequest } from './login.ts'
export type { Seen, SeenRequest } from './seen.ts'

import { registerHooks } from 'node:module'

/**
 * Preloaded into a front, it puts an empty app in place of Next.js: everything else is the front's own, and it starts in
 * a fraction of the time. For the short form of the matrix, which asks for no page.
 */
const APP = `export default () => ({
  prepare: async () => {},
  getRequestHandler: () => (req, res) => res.end(),
  getUpgradeHandler: () => () => {},
  close: async () => {},
})`

registerHooks({
  resolve(specifier, context, nextResolve) {
    if (specifier !== 'next') return nextResolve(specifier, context)
    return { url: `data:text/javascript,${encodeURIComponent(APP)}`, shortCircuit: true }
  },
})

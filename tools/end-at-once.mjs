import { flushCompileCache } from 'node:module'
import { isMainThread } from 'node:worker_threads'

// Preloaded into each test process. Once everything has ended by itself, Node 26.10 was seen to spin for ever while it
// took itself down (Environment::CleanupHandles); exit() leaves that out. Unlike --test-force-exit it comes after the
// last result has been written: of 160 quick tests that reported 129.
process.once('beforeExit', () => {
  flushCompileCache()
  // the last listener: the test runner's own says which code it is
  process.on('exit', code => process.exit(code))
})

// Of an error after the end of its test the runner tells the message alone. Not in what a test starts: it inherits this preload.
if (isMainThread && !process.connected) {
  const tell = error => process.stderr.write(`${error?.stack ?? error}\n`)
  process.on('uncaughtExceptionMonitor', tell).on('unhandledRejection', error => {
    tell(error)
    process.exitCode = 1
  })
}

// A test that waits for ever, or leaves a server open, ends its file, not the whole run. On a quiet machine the slowest
// file takes some 200 s; a busy one was seen to take 10 minutes for the image's.
const LIMIT_MS = 20 * 60_000
setTimeout(() => {
  process.stderr.write(
    `No end after ${LIMIT_MS / 60_000} minutes; open: ${process.getActiveResourcesInfo()}\n`,
  )
  process.exit(1)
}, LIMIT_MS).unref()

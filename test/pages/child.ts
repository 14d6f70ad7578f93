/** A process that a page forks: it answers what it is sent, and ends by itself once nobody is connected. */
process.once('message', message =>
  process.send?.({ doubled: Number(message) * 2, execArgv: process.execArgv }, () => process.disconnect?.()),
)

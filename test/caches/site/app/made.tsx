/** When a page was made, by this process: a later answer must not be of an earlier time. */
export const made = () => `made at ${performance.timeOrigin + performance.now()} by ${process.pid}`

import net from 'node:net'

/** How long it takes to open a connection to `host:port`, in ms. */
export function connectTime(address: string): Promise<number> {
  const [host = '', port = ''] = address.split(':')
  return new Promise((resolve, reject) => {
    const startedAt = performance.now()
    const socket = net.connect(Number(port), host, () => {
      resolve(performance.now() - startedAt)
      socket.destroy()
    })
    socket.once('error', reject)
  })
}

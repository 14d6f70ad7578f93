import dns from 'node:dns'

/**
 * Preloaded into what is tested, page workers included. It makes `dns.lookup` ask the balancer's DNS server for the balancer's name
 * each time, as getaddrinfo does on a system whose resolv.conf names that server; changing that file takes root. And it ends at
 * once with the process that started it: a graceful stop would be for nobody.
 */
const { GATEHOUSE_TESTING_DNS: server = '', GATEHOUSE_TESTING_NAME: name } = process.env
const systems = dns.lookup
const resolver = new dns.Resolver({ timeout: 1000, tries: 2 })
if (server !== '') resolver.setServers([server])

type Found = (error: Error | null, address: unknown, family?: number) => void
type Options = { all?: boolean; family?: number | string }

function lookup(host: string, options: Options | number | Found, done?: Found) {
  const found = typeof options === 'function' ? options : done
  if (host !== name || found === undefined) return Reflect.apply(systems, dns, [host, options, done])
  const { all = false, family = 0 } = typeof options === 'object' ? options : {}
  void Promise.all([ask('A'), ask('AAAA')]).then(([four, six]) => {
    const every = [
      ...four.map(address => ({ address, family: 4 })),
      ...six.map(address => ({ address, family: 6 })),
    ].filter(each => family === 0 || each.family === family)
    const [first] = every
    if (first === undefined) {
      const error = Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: 'ENOTFOUND' })
      return found(error, all ? [] : '')
    }
    if (all) found(null, every)
    else found(null, first.address, first.family)
  })
}

const ask = (type: 'A' | 'AAAA') =>
  new Promise<string[]>(resolve => {
    if (name === undefined) return resolve([])
    const answered = (_error: Error | null, addresses: string[] = []) => resolve(addresses)
    if (type === 'A') resolver.resolve4(name, answered)
    else resolver.resolve6(name, answered)
  })

if (server !== '' && name !== undefined) Object.assign(dns, { lookup })

if (process.connected && process.env.GATEHOUSE_TESTING_PARENT === String(process.ppid)) {
  process.prependOnceListener('disconnect', () => {
    try {
      // Gatehouse leads a process group of its own, with its page workers in it
      process.kill(-process.pid, 'SIGKILL')
    } catch {
      process.kill(process.pid, 'SIGKILL')
    }
  })
  process.channel?.unref()
}

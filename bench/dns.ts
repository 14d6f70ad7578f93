import { startDns } from '../testing/dns.ts'

/** The demo's DNS server as a program: `node dns.ts NAME ADDRESS…`; the line out is its own address. */
const [name = '', ...addresses] = process.argv.slice(2)
/** In seconds, as an ALB's. */
const TTL = 60

const dns = await startDns()
dns.list(name, addresses, TTL)
process.stdout.write(`${dns.address}\n`)

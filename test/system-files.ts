import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type DnsServer, startDns } from '../testing/dns.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** A hosts file and a resolv.conf whose resolver is a DNS server of the test: what the system knows names by. */
export async function systemFiles(
  t: { after(end: () => Promise<void>): void },
  { hosts = '', conf = '' } = {},
): Promise<{ dns: DnsServer; files: { hosts: string; resolvConf: string } }> {
  const dns = await startDns()
  t.after(dns.close)
  const folder = await temporaryFolder(t)
  const files = { hosts: join(folder, 'hosts'), resolvConf: join(folder, 'resolv.conf') }
  await writeFile(files.hosts, hosts)
  await writeFile(files.resolvConf, `nameserver ${dns.address}\n${conf}\n`)
  return { dns, files }
}

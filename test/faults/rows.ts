import type { Fault } from '../../testing/alb.ts'
import type { DnsBehaviour } from '../../testing/dns.ts'
import type { Row } from './row.ts'
import { type Behaviour, LOGIN_MS } from './witness.ts'
import type { World } from './world.ts'

const first = ({ alb }: World) => alb.listed[0] ?? ''

/** Takes a node out of DNS and puts a fault in its place, at once. */
const removed = (how: Exclude<Fault, 'silent' | 'vanish'>) => async (world: World) => {
  const address = first(world)
  world.alb.drain(address)
  await world.fault(address, how)
}

/** The node at an address is gone; what stands there accepts, shows the certificate, and never answers. */
async function silence(world: World, address: string) {
  await world.kill(address)
  world.witness.how = node => (node === address ? 'silent' : LOGIN_MS)
  await world.alb.heal(address)
}

/** The same fault at an address that DNS goes on listing. */
const listed = (how: Exclude<Fault, 'silent' | 'vanish'>) => (world: World) => world.fault(first(world), how)

/** New nodes for old ones: DNS lists them at once, and the old ones end at once. */
async function replace(world: World, old: readonly string[], end = world.kill) {
  const added = await world.alb.add(old.length)
  world.alb.list([...world.alb.listed.filter(each => !old.includes(each))])
  await Promise.all(old.map(end))
  return added
}

const replaceAll = (world: World) => replace(world, world.alb.listed)
const replaceHalf = (world: World) => replace(world, world.alb.listed.slice(0, world.alb.listed.length / 2))
const replaceOne = (world: World) => replace(world, world.alb.listed.slice(0, 1))
const vanishAll = (world: World) => replace(world, world.alb.listed, world.vanish)
const replaceOneByOne = (world: World) => world.every(world.form.loadMs / 8, () => replaceOne(world))

/** New nodes for old ones, which go on serving for a while, as an ALB's do. */
async function moveAll({ alb }: World) {
  const old = alb.listed
  alb.list(await alb.add(old.length).then(() => alb.listed.filter(each => !old.includes(each))))
}

const everyTenth = (how: Behaviour) => (world: World) => {
  world.witness.how = (_node, count) => (count % 10 === 0 ? how : LOGIN_MS)
}

const dns = (how: DnsBehaviour) => (world: World) => world.dns(how)

/** DNS fails for a time, and is there again. */
const dnsFor = async (world: World, how: DnsBehaviour, ms: number) => {
  world.dns(how)
  await world.pause(ms)
  world.dns('answer')
}

async function flap(world: World) {
  let down = false
  await world.every(Math.min(1000, world.form.loadMs / 6), () => {
    down = !down
    world.dns(down ? 'silent' : 'answer')
  })
}

/** DNS answers with the record of another name: somebody else's machine, whose certificate says so. */
async function anothersName(world: World) {
  const stranger = await world.alb.start()
  await world.alb.fault(stranger, 'wrong-certificate')
  world.alb.list([stranger])
  world.dns('wrong-name')
}

const closeIdle = (world: World) => world.every(100, () => world.witness.closeIdle())

const both =
  (...faults: ((world: World) => unknown)[]) =>
  (world: World) =>
    Promise.all(faults.map(fault => fault(world)))

const ADDRESSES: Row[] = [
  { name: 'nothing', fault: () => {} },
  { name: 'address removed, serves on', fault: world => world.alb.drain(first(world)) },
  { name: 'address removed and refused', fault: removed('refuse'), short: true },
  { name: 'address removed and reset', fault: removed('reset') },
  { name: 'address removed and dropping', fault: removed('drop'), short: true },
  {
    name: 'address removed, accepts and is silent',
    fault: async world => {
      const address = first(world)
      world.alb.drain(address)
      await silence(world, address)
    },
    slow: true,
  },
  { name: 'address removed, TLS never finishes', fault: removed('hang') },
  { name: "address removed, somebody else's certificate", fault: removed('wrong-certificate') },
  { name: 'address listed but refused', fault: listed('refuse') },
  { name: 'address listed but reset', fault: listed('reset') },
  { name: 'address listed but dropping', fault: listed('drop') },
  { name: 'address listed, TLS never finishes', fault: listed('hang'), short: true },
  { name: "address listed, somebody else's certificate", fault: listed('wrong-certificate') },
  { name: 'all addresses replaced at once', fault: replaceAll, short: true },
  { name: 'all addresses replaced, the old ones vanish', perSecond: 200, fault: vanishAll },
  { name: 'half of the addresses replaced', nodes: 4, fault: replaceHalf },
  { name: 'addresses replaced one by one', nodes: 3, fault: replaceOneByOne },
  { name: 'order rotating', nodes: 6, before: world => world.order('rotate'), fault: () => {} },
  {
    name: 'another subset in every answer',
    nodes: 6,
    before: world => world.order('fixed', 2),
    fault: () => {},
    short: true,
  },
]

const ANSWERS: Row[] = [
  { name: 'every tenth response cut in the middle', fault: everyTenth('cut'), short: true },
  { name: 'every tenth response stops in the middle', fault: everyTenth('stop'), slow: true },
  { name: 'every tenth response never ends', fault: everyTenth('endless'), slow: true },
  { name: 'every tenth login slower than BACKEND_TIMEOUT', fault: everyTenth(1500), slow: true },
  { name: 'address listed, accepts and is silent', fault: world => silence(world, first(world)), slow: true },
  { name: 'idle connections closed by the backend', fault: closeIdle, short: true },
  {
    name: 'backend closes what was idle for 30 ms',
    before: world => {
      world.alb.keepAliveTimeout = 30
    },
    fault: () => {},
  },
]

const DNS: Row[] = [
  { name: 'DNS silent', fault: dns('silent') },
  { name: 'DNS SERVFAIL', fault: dns('servfail') },
  { name: 'DNS NXDOMAIN', fault: dns('nxdomain'), short: true },
  { name: 'DNS empty', fault: dns('empty') },
  { name: 'TTL 0, then all addresses replaced', ttl: 0, fault: replaceAll },
  { name: 'TTL of a week, then all addresses move', ttl: 604_800, fault: moveAll, short: true },
  { name: 'DNS truncated, then all addresses replaced', before: dns('truncate'), fault: replaceAll },
  { name: 'DNS answers for another name', fault: anothersName, short: true },
  {
    name: 'DNS down at start',
    before: dns('silent'),
    fault: dns('answer'),
  },
  { name: 'DNS flapping each second', fault: flap },
  { name: 'front restarted', fault: world => world.replaceFront(), restarts: true },
]

const PAIRS: Row[] = [
  {
    name: 'all addresses replaced + DNS silent for 1 s',
    fault: both(replaceAll, world => dnsFor(world, 'silent', 1000)),
    short: true,
  },
  {
    name: 'all addresses replaced + DNS NXDOMAIN for 1 s',
    fault: both(replaceAll, world => dnsFor(world, 'nxdomain', 1000)),
  },
  { name: 'addresses replaced one by one + DNS flapping', nodes: 3, fault: both(replaceOneByOne, flap) },
  { name: 'one listed address drops + DNS silent', fault: both(listed('drop'), dns('silent')) },
  {
    name: 'of three listed addresses one drops, one hangs in TLS',
    nodes: 3,
    fault: async world => {
      const [one = '', two = ''] = world.alb.listed
      await Promise.all([world.fault(one, 'drop'), world.fault(two, 'hang')])
    },
  },
  {
    name: 'all addresses replaced, the old ones get strangers',
    fault: async world => {
      const old = world.alb.listed
      await replaceAll(world)
      for (const address of old) await world.fault(address, 'wrong-certificate')
    },
  },
  {
    name: 'addresses replaced one by one + idle connections closed',
    nodes: 3,
    fault: both(replaceOneByOne, closeIdle),
  },
  { name: 'logins of 800 ms + all addresses move', fault: both(everyTenth(800), moveAll) },
  {
    name: 'every tenth response cut + half of the addresses replaced',
    nodes: 4,
    fault: both(everyTenth('cut'), replaceHalf),
  },
  {
    name: 'another subset in every answer + one node refused',
    nodes: 6,
    before: world => world.order('fixed', 2),
    fault: listed('refuse'),
  },
  {
    name: 'front restarted + DNS silent for 1 s',
    fault: both(
      world => world.replaceFront(),
      world => dnsFor(world, 'silent', 1000),
    ),
    restarts: true,
  },
  {
    name: 'front restarted + all addresses replaced',
    fault: both(world => world.replaceFront(), replaceAll),
    restarts: true,
  },
]

const OF_LOGINS: readonly Row[] = [...ADDRESSES, ...ANSWERS, ...DNS, ...PAIRS]

/** The same faults again, where something else than a login at the only API meets them. */
const again = (names: readonly string[], how: Pick<Row, 'second' | 'sockets'>, title: string): Row[] =>
  OF_LOGINS.filter(({ name }) => names.includes(name)).map(({ short: _, ...row }) => ({
    ...row,
    ...how,
    name: `${title}: ${row.name}`,
    ...(row.name === ALL_REPLACED && { short: true }),
  }))

const ALL_REPLACED = 'all addresses replaced at once'
const OF_ALL = [
  'nothing',
  'address removed and refused',
  'address removed and dropping',
  "address removed, somebody else's certificate",
  'address listed but refused',
  'address listed but dropping',
  'address listed, TLS never finishes',
  ALL_REPLACED,
  'half of the addresses replaced',
  'addresses replaced one by one',
  'another subset in every answer',
  'DNS NXDOMAIN',
  'DNS answers for another name',
  'all addresses replaced + DNS silent for 1 s',
  'front restarted',
]

export const ROWS: readonly Row[] = [
  ...OF_LOGINS,
  ...again(OF_ALL, { second: true }, 'second API'),
  ...again(OF_ALL, { sockets: true }, 'WebSocket'),
]

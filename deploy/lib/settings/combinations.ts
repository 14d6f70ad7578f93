import type { z } from 'zod'
import { ecrImage } from '../parse.ts'
import { idleMistakes, spotIdleMistake, spotMistakes } from '../times.ts'
import type { Parts } from './schema.ts'

/** Hosts and paths in one rule of an ALB (quota "condition values per rule", which AWS does not raise). */
const MOST_CONDITIONS = 5

/** MiB that the front keeps beside its sidecars: the smallest task that works (docs/ecs.md, sizes). */
const LEAST_FRONT_MEMORY = 400

const TOKEN = 'the ARN of a secret of 32 letters and digits or more: openssl rand -hex 32'

type Mistake = { readonly path: readonly (string | number)[]; readonly accepts: string }

/** What only several settings together say. */
export function combinationMistakes(settings: z.output<typeof Parts>): Mistake[] {
  const { environment, secrets, loadBalancer, network, certificate, backend, task, sidecars } = settings
  const { adminClients, image, region } = settings
  const mistakes: Mistake[] = []
  const mistake = (path: Mistake['path'], accepts: string) => mistakes.push({ path, accepts })
  for (const name of Object.keys(secrets).filter(each => each in environment))
    mistake(['secrets', name], 'not in environment, too')
  const ofSpot = task.spot ? spotMistakes(environment) : []
  for (const { name, accepts } of [...idleMistakes(environment, loadBalancer.idleSeconds), ...ofSpot])
    mistake(['environment', name], accepts)
  // at a listener that exists the idle timeout is for other services, too
  const spotIdle = task.spot && loadBalancer.use === 'new' && spotIdleMistake(loadBalancer.idleSeconds)
  if (spotIdle) mistake(['loadBalancer', 'idleSeconds'], spotIdle)
  const asksForToken = 'ADMIN_TOKEN' in secrets
  const { ADMIN_HOST: adminHost = '127.0.0.1' } = environment
  if (adminClients.length > 0 && !asksForToken)
    mistake(['secrets', 'ADMIN_TOKEN'], `with adminClients ${TOKEN}`)
  if (adminHost !== '127.0.0.1' && !asksForToken)
    mistake(['environment', 'ADMIN_HOST'], `127.0.0.1, or not set and in secrets, as ADMIN_TOKEN, ${TOKEN}`)
  if (adminHost === '127.0.0.1' && 'ADMIN_HOST' in environment && adminClients.length > 0)
    mistake(['environment', 'ADMIN_HOST'], 'not set with adminClients, which nothing would answer')
  if (loadBalancer.use === 'new' && certificate === undefined)
    mistake(['certificate'], 'an object with "use": "arn" or "use": "dns"; none with "loadBalancer" existing')
  if (loadBalancer.use === 'existing' && certificate !== undefined)
    mistake(['certificate'], 'not set: the listener that exists has its own')
  if (loadBalancer.use === 'existing' && loadBalancer.hosts.length + loadBalancer.paths.length === 0)
    mistake(
      ['loadBalancer', 'hosts'],
      'a host or a path at least: which requests at the listener are for this service',
    )
  if (
    loadBalancer.use === 'existing' &&
    loadBalancer.hosts.length + loadBalancer.paths.length > MOST_CONDITIONS
  )
    mistake(
      ['loadBalancer', 'hosts'],
      `${MOST_CONDITIONS} hosts and paths together: a rule of an ALB has no more`,
    )
  // the endpoints lead to ECR of this region, and nowhere else
  if (network.use === 'new' && network.natGateways === 0) {
    const accepts = `an image in ECR of ${region}: without NAT gateways no task reaches another registry`
    if (image.use === 'ecr' && image.uri.region !== region) mistake(['image', 'uri'], accepts)
    for (const [index, sidecar] of sidecars.entries())
      if (ecrImage(sidecar.image)?.region !== region) mistake(['sidecars', index, 'image'], accepts)
  }
  if (loadBalancer.use === 'new' && network.use === 'existing' && network.publicSubnetIds.length === 0)
    mistake(['network', 'publicSubnetIds'], 'subnets of two zones or more: for the public ALB')
  if (backend.securityGroupId === undefined && backend.ranges.length === 0 && backend.origin.port !== 443)
    mistake(['backend', 'securityGroupId'], 'set, or ranges: else no task reaches that port')
  if (backend.securityGroupId === undefined && backend.addIngressRule)
    mistake(['backend', 'addIngressRule'], 'false without securityGroupId')
  const left = sidecars.reduce((rest, { memory }) => rest - memory, task.memory)
  if (left < LEAST_FRONT_MEMORY)
    mistake(
      ['sidecars'],
      `at most ${task.memory - LEAST_FRONT_MEMORY} MiB of memory together, beside task.memory ${task.memory}`,
    )
  const names = sidecars.map(({ name }) => name)
  if (new Set(names).size < names.length) mistake(['sidecars'], 'a name for each')
  return mistakes
}

import * as acm from 'aws-cdk-lib/aws-certificatemanager'
import * as ec2 from 'aws-cdk-lib/aws-ec2'
import * as ecs from 'aws-cdk-lib/aws-ecs'
import * as elb from 'aws-cdk-lib/aws-elasticloadbalancingv2'
import * as iam from 'aws-cdk-lib/aws-iam'
import * as kms from 'aws-cdk-lib/aws-kms'
import type * as route53 from 'aws-cdk-lib/aws-route53'
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager'
import * as ssm from 'aws-cdk-lib/aws-ssm'
import type { Construct } from 'constructs'
import { fromEcr, imageOf } from './image.ts'
import type { Network } from './network.ts'
import { ecrImage } from './parse.ts'
import type { GatehouseServiceProps, Sidecar } from './props.ts'
import type { Settings } from './settings.ts'

/** What a settings file says, as the construct takes it; nothing is looked up in AWS. */
export function propsFrom(
  scope: Construct,
  settings: Settings,
  network: Network,
  zone: route53.IHostedZone | undefined,
): GatehouseServiceProps {
  const { name, environmentName, deployment, environment, exec, dualStack, certificate } = settings
  const { days: retention, kmsKeyArn } = settings.logs
  const { docs, ...alarms } = settings.alarms
  const group = groups(scope)
  const secret = secrets(scope, settings)
  return {
    name,
    environmentName,
    vpc: network.vpc,
    taskSubnets: network.privateSubnets,
    trustedProxies: network.proxies,
    image: imageOf(scope, settings),
    backend: {
      origin: settings.backend.origin,
      routesInImage: settings.backend.routesInImage,
      peers: [
        ...(settings.backend.securityGroupId
          ? [ec2.Peer.securityGroupId(settings.backend.securityGroupId)]
          : []),
        ...settings.backend.ranges.map(range => ec2.Peer.ipv4(range)),
      ],
    },
    loadBalancer: loadBalancer(scope, settings, network, zone),
    ...(settings.cluster && {
      cluster: ecs.Cluster.fromClusterAttributes(scope, 'ExistingCluster', {
        clusterName: settings.cluster,
        vpc: network.vpc,
      }),
    }),
    task: {
      cpu: settings.task.cpu,
      memory: settings.task.memory,
      architecture: architecture(settings.task.architecture),
      startSeconds: settings.task.startSeconds,
      writable: settings.task.writable,
      spot: settings.task.spot,
      securityGroups: settings.task.securityGroupIds.map(group),
      roleStatements: settings.task.policies.map(each => new iam.PolicyStatement(each)),
      sidecars: settings.sidecars.map(each => sidecar(scope, each, secret)),
    },
    scaling: settings.scaling,
    deployment,
    // the site's name, where the app makes its certificate
    environment: {
      ...(certificate?.use === 'dns' && { PUBLIC_ORIGIN: `https://${certificate.domain}` }),
      ...environment,
    },
    secrets: secret(settings.secrets),
    reach: settings.reach.map(({ securityGroupId, port }) => ({
      peer: ec2.Peer.securityGroupId(securityGroupId),
      port,
    })),
    adminClients: settings.adminClients.map(each =>
      each.startsWith('sg-') ? ec2.Peer.securityGroupId(each) : ec2.Peer.ipv4(each),
    ),
    logs: {
      retention,
      ...(kmsKeyArn && { encryptionKey: kms.Key.fromKeyArn(scope, 'LogKey', kmsKeyArn) }),
    },
    alarms: { ...alarms, docs },
    exec,
    dualStack,
  }
}

/** A template has a parameter there. */
function architecture(name: string): ecs.CpuArchitecture {
  if (name === 'arm64') return ecs.CpuArchitecture.ARM64
  return name === 'x86_64' ? ecs.CpuArchitecture.X86_64 : ecs.CpuArchitecture.of(name)
}

const groups = (scope: Construct) => (id: string, index: number) =>
  ec2.SecurityGroup.fromSecurityGroupId(scope, `Group${index + 1}`, id, { mutable: false })

function loadBalancer(
  scope: Construct,
  { loadBalancer: given, certificate: found, logs, protection }: Settings,
  { publicSubnets }: Network,
  zone: route53.IHostedZone | undefined,
): GatehouseServiceProps['loadBalancer'] {
  if (given.use === 'new') {
    if (!found) throw new Error('a new load balancer has no certificate')
    const certificates = [certificateOf(scope, found, zone)]
    const { accessDays } = logs
    const clients = given.clients.map(each =>
      each.startsWith('pl-') ? ec2.Peer.prefixList(each) : ec2.Peer.ipv4(each),
    )
    return { ...given, clients, subnets: publicSubnets, certificates, accessDays, protection }
  }
  const { listenerArn, securityGroupId, idleSeconds, priority, hosts, paths } = given
  const securityGroup = ec2.SecurityGroup.fromSecurityGroupId(scope, 'ListenerGroup', securityGroupId, {
    mutable: false,
  })
  const { hostHeaders, pathPatterns } = elb.ListenerCondition
  return {
    use: 'existing',
    listener: elb.ApplicationListener.fromApplicationListenerAttributes(scope, 'Listener', {
      listenerArn,
      securityGroup,
    }),
    idleSeconds,
    priority,
    conditions: [
      ...(hosts.length > 0 ? [hostHeaders([...hosts])] : []),
      ...(paths.length > 0 ? [pathPatterns([...paths])] : []),
    ],
  }
}

function certificateOf(
  scope: Construct,
  settings: NonNullable<Settings['certificate']>,
  zone: route53.IHostedZone | undefined,
): acm.ICertificate {
  if (settings.use === 'arn') return acm.Certificate.fromCertificateArn(scope, 'Certificate', settings.arn)
  return new acm.Certificate(scope, 'Certificate', {
    domainName: settings.domain,
    validation: acm.CertificateValidation.fromDns(zone),
  })
}

type Arns = Readonly<Record<string, string>>
type FromArns = (arns: Arns, prefix?: string) => Record<string, ecs.Secret>

/** Secrets by their ARNs; with a key of one's own, whoever may read one may decrypt with it, too. */
function secrets(scope: Construct, { secretsKeyArn }: Settings): FromArns {
  const encryptionKey = secretsKeyArn ? kms.Key.fromKeyArn(scope, 'SecretsKey', secretsKeyArn) : undefined
  const withKey = encryptionKey && { encryptionKey }
  const one = (id: string, arn: string) => {
    const [, parameter] = /:parameter(\/.*)$/.exec(arn) ?? []
    if (parameter === undefined) {
      const [secretCompleteArn = '', field] = arn.split('#')
      const attributes = { secretCompleteArn, ...withKey }
      return ecs.Secret.fromSecretsManager(
        secretsmanager.Secret.fromSecretAttributes(scope, id, attributes),
        field,
      )
    }
    const attributes = { parameterName: parameter, ...withKey }
    return ecs.Secret.fromSsmParameter(
      ssm.StringParameter.fromSecureStringParameterAttributes(scope, id, attributes),
    )
  }
  return (arns, prefix = 'Secret') =>
    Object.fromEntries(Object.entries(arns).map(([name, arn]) => [name, one(`${prefix}${name}`, arn)]))
}

function sidecar(scope: Construct, given: Settings['sidecars'][number], secret: FromArns): Sidecar {
  const { name, image, command, secrets: arns, ...rest } = given
  const inEcr = ecrImage(image)
  return {
    ...rest,
    name,
    image: inEcr ? fromEcr(scope, `Repository-${name}`, inEcr) : ecs.ContainerImage.fromRegistry(image),
    ...(command.length > 0 && { command }),
    secrets: secret(arns, `Secret-${name}-`),
  }
}

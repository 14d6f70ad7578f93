import { english, type Texts } from './english.ts'
import { DEPLOYMENT, TARGET_HEALTH } from './front.ts'

/** What the service and its target group have to know of the new task definition. */
export type Service = {
  readonly family: string
  readonly container: string
  readonly port: number
  readonly before: { readonly container: string; readonly port: number | undefined }
  readonly targetType: 'ip' | 'instance'
  readonly launchType: 'FARGATE' | 'EC2'
  /** of the target group's health check */
  readonly healthPath: string
  /** in seconds */
  readonly deregistrationDelay: number
  /** the load balancer's idle timeout, in seconds: above an API's timeout, or it answers 504 first; below KEEP_ALIVE_TIMEOUT, or 502 */
  readonly idle: { readonly above: number; readonly below: number }
  /** the grace period of its health checks */
  readonly startSeconds: number
  /** what the tasks have to reach, where a file of routes says it */
  readonly origins: readonly string[]
  /** whether the tasks' security group has to let the load balancer in at another port */
  readonly isPortNew: boolean
}

const { matcher, interval, timeout, healthy, unhealthy } = TARGET_HEALTH
/** What ALBs take at most as healthy. */
export const WIDE = '200-499'

/** `{"a":1}` for a shell, on one line. */
const json = (value: object) => `'${JSON.stringify(value)}'`

/** The load balancer as `update-service` and `create-service` take it. */
const target = ({ container, port }: { container: string; port: number | string }, group: string) =>
  `targetGroupArn=$${group},containerName=${container},containerPort=${port}`

const common = ({ startSeconds }: Service) =>
  `--health-check-grace-period-seconds ${startSeconds} --deployment-configuration ${json(DEPLOYMENT)}`
/** One that was fixed (Nginx's 80, a port of its own for status) would be asked where nothing listens any more. */
const PORT = '--health-check-port traffic-port'
const healthAt = (path: string) =>
  `--health-check-path ${path} ${PORT} --health-check-interval-seconds ${interval} --health-check-timeout-seconds ${timeout} --healthy-threshold-count ${healthy} --unhealthy-threshold-count ${unhealthy} --matcher HttpCode=${matcher}`

const later = (path: string) =>
  `The matcher is wide until the old tasks have gone, for they do not know ${path}; meanwhile the container's own health check decides.`

/** Before either way: at a port that its group does not let in, no new task becomes healthy. */
const openPort = ({ isPortNew, port }: Service): string =>
  isPortNew
    ? `The load balancer reaches the tasks at another port than before. Where Terraform or the like has the security groups, the rules belong there. With network mode
\`host\` TASK_GROUP is the security group of the instances. The second command is needed only where the security group of the load balancer restricts outbound
traffic, as one made by CDK does.

\`\`\`sh
TASK_GROUP=sg-… LOAD_BALANCER_GROUP=sg-…
aws ec2 authorize-security-group-ingress --group-id $TASK_GROUP --protocol tcp --port ${port} --source-group $LOAD_BALANCER_GROUP
aws ec2 authorize-security-group-egress --group-id $LOAD_BALANCER_GROUP --ip-permissions "IpProtocol=tcp,FromPort=${port},ToPort=${port},UserIdGroupPairs=[{GroupId=$TASK_GROUP}]"
\`\`\`

`
    : ''

/** What `modify-target-group` changes, in a file that Back gives to it: as an option a matcher of two codes, `200,301`, is refused. */
const HEALTH_CHECK =
  'HealthCheckPath HealthCheckPort HealthCheckIntervalSeconds HealthCheckTimeoutSeconds HealthyThresholdCount UnhealthyThresholdCount Matcher'
const SAVED = `TargetGroupArn ${HEALTH_CHECK}`.replace(/\w+/g, '$&:$&').replaceAll(' ', ',')
const RESTORE = 'aws elbv2 modify-target-group --cli-input-json file://health-check-before.json'

/** What a new task or service has of the old one's network, by the target type: a task on an instance has that of its host. */
const NETWORK = {
  ip: {
    asked: `NETWORK=$(aws ecs describe-services --cluster $CLUSTER --services $SERVICE --query 'services[0].networkConfiguration' --output json)
`,
    option: ' --network-configuration "$NETWORK"',
  },
  instance: { asked: '', option: '' },
} as const

/** Before either way: a task of the new definition asks the API, and nobody is sent to it. */
function doctor({ container, launchType, targetType }: Service): string {
  const { asked, option } = NETWORK[targetType]
  const overrides = {
    containerOverrides: [{ name: container, command: ['node', 'dist/front.mjs', 'doctor'] }],
  }
  const hostPort =
    targetType === 'ip'
      ? ''
      : ` With a fixed host port (\`RESOURCE:PORTS\`) an instance without a task of the service has to be free; else leave the doctor out.`
  return `## Ask the doctor first

A task of its own: the new task definition, the network of the service, no traffic. What it found is in the log of the container \`${container}\`. The last line is its exit
code: where that is not 0, fix what the log says first. A task of its own does not know the names of Service Connect. If RUN is a reason
(\`RESOURCE:MEMORY\`) and no ARN, ECS could place no task.${hostPort}
Each of the two ways below registers the same definition again, as a revision of its own.

\`\`\`sh
CLUSTER=… SERVICE=…
TASK=$(aws ecs register-task-definition --cli-input-json file://task-definition.json --query taskDefinition.taskDefinitionArn --output text)
${asked}RUN=$(aws ecs run-task --cluster $CLUSTER --task-definition $TASK --launch-type ${launchType}${option} \\
  --overrides ${json(overrides)} --query 'tasks[0].taskArn || failures[0].reason' --output text)
echo "RUN=$RUN"
aws ecs wait tasks-stopped --cluster $CLUSTER --tasks $RUN
aws ecs describe-tasks --cluster $CLUSTER --tasks $RUN --query "tasks[0].containers[?name=='${container}'].exitCode" --output text
\`\`\`
`
}

/** In place: the service keeps its target group, whose health check has to suit old and new tasks until the last old one has gone. */
function inPlace(service: Service): string {
  const { before, healthPath, deregistrationDelay } = service
  return `## In place

The service keeps its target group. ${later(healthPath)}
\`--load-balancers\` is the whole list: where the service has more target groups, or blue/green by ECS itself (\`advancedConfiguration\`), name all of that again, as
\`aws ecs describe-services\` shows it, and run the \`elbv2\` lines for each group, with a file of its own: the new tasks of
blue/green come into the alternate group, which has the old health check, too.
Note the value of BEFORE that is printed, and keep health-check-before.json: the way back needs both, perhaps in another shell.

\`\`\`sh
CLUSTER=… SERVICE=… TARGET_GROUP=arn:aws:elasticloadbalancing:…
BEFORE=$(aws ecs describe-services --cluster $CLUSTER --services $SERVICE --query 'services[0].taskDefinition' --output text)
echo "BEFORE=$BEFORE"
aws elbv2 describe-target-groups --target-group-arns $TARGET_GROUP --query 'TargetGroups[0].{${SAVED}}' --output json > health-check-before.json
aws elbv2 modify-target-group --target-group-arn $TARGET_GROUP ${PORT} --matcher HttpCode=${WIDE}
aws elbv2 modify-target-group-attributes --target-group-arn $TARGET_GROUP --attributes Key=deregistration_delay.timeout_seconds,Value=${deregistrationDelay}
TASK=$(aws ecs register-task-definition --cli-input-json file://task-definition.json --query taskDefinition.taskDefinitionArn --output text)
aws ecs update-service --cluster $CLUSTER --service $SERVICE --task-definition $TASK \\
  --load-balancers ${target(service, 'TARGET_GROUP')} \\
  ${common(service)}
aws ecs wait services-stable --cluster $CLUSTER --services $SERVICE
aws ecs describe-services --cluster $CLUSTER --services $SERVICE --query 'services[0].deployments[0].[rolloutState,taskDefinition]' --output text
\`\`\`

The last line says COMPLETED and $TASK; if the tasks did not become healthy, ECS has gone back by itself, and it says $BEFORE: restore the old
health check by the last block of "Back". When a login works, set Gatehouse's own health check:

\`\`\`sh
aws elbv2 modify-target-group --target-group-arn $TARGET_GROUP ${healthAt(healthPath)}
\`\`\`

Back, at any time:

\`\`\`sh
${RESTORE} ${PORT} --matcher HttpCode=${WIDE}
aws ecs update-service --cluster $CLUSTER --service $SERVICE --task-definition $BEFORE \\
  --load-balancers ${target({ container: before.container, port: before.port ?? 'PORT' }, 'TARGET_GROUP')}
aws ecs wait services-stable --cluster $CLUSTER --services $SERVICE
\`\`\`

When only old tasks run, the old health check, too:

\`\`\`sh
${RESTORE}
\`\`\`
`
}

/** `modify-rule` replaces all actions: what asks visitors to log in before is one of them. AWS shows no secret of OIDC, and keeps it if told so. */
const WEIGHTS = `weights() {
  ACTIONS=$(aws elbv2 describe-rules --rule-arns $RULE --query 'Rules[0].Actions' --output json | node -e '
    const [old, oldWeight, next, weight] = process.argv.slice(1)
    const groups = [[old, oldWeight], [next, weight]].map(([TargetGroupArn, each]) => ({ TargetGroupArn, Weight: Number(each) }))
    const actions = JSON.parse(fs.readFileSync(0, "utf8"))
    for (const each of actions) {
      if (each.AuthenticateOidcConfig) each.AuthenticateOidcConfig.UseExistingClientSecret = true
      if (each.Type !== "forward") continue
      delete each.TargetGroupArn
      each.ForwardConfig = { ...each.ForwardConfig, TargetGroups: groups }
    }
    console.log(JSON.stringify(actions))' $OLD $1 $NEW $2) && aws elbv2 modify-rule --rule-arn $RULE --actions "$ACTIONS"
}`

/** By weights: a second service behind the same listener rule, which takes a share of the requests, then all. */
function byWeights(service: Service): string {
  const { targetType, launchType, healthPath, deregistrationDelay, port } = service
  const { asked, option } = NETWORK[targetType]
  return `## By weights

A second service beside the old one, which stays as it is. The rule is one of the listener's, and keeps its other actions (a login by OIDC or Cognito) and its
stickiness; for the default action of a listener it is \`aws elbv2 describe-listeners\` and \`modify-listener --default-actions\`. Not copied: autoscaling, Service Connect
(without it the tasks do not know its names), Cloud Map, tags, ECS Exec. With capacity providers \`--capacity-provider-strategy\` takes the place of \`--launch-type\`.

\`\`\`sh
CLUSTER=… SERVICE=… VPC=vpc-… RULE=arn:aws:elasticloadbalancing:… OLD=arn:aws:elasticloadbalancing:…
NEW=$(aws elbv2 create-target-group --name $SERVICE-gatehouse --vpc-id $VPC --protocol HTTP --port ${port} --target-type ${targetType} \\
  ${healthAt(healthPath)} \\
  --query 'TargetGroups[0].TargetGroupArn' --output text)
aws elbv2 modify-target-group-attributes --target-group-arn $NEW --attributes Key=deregistration_delay.timeout_seconds,Value=${deregistrationDelay}
${WEIGHTS}
weights 100 0
TASK=$(aws ecs register-task-definition --cli-input-json file://task-definition.json --query taskDefinition.taskDefinitionArn --output text)
${asked}COUNT=$(aws ecs describe-services --cluster $CLUSTER --services $SERVICE --query 'services[0].desiredCount' --output text)
aws ecs create-service --cluster $CLUSTER --service-name $SERVICE-gatehouse --task-definition $TASK --desired-count $COUNT \\
  --launch-type ${launchType}${option} \\
  --load-balancers ${target(service, 'NEW')} \\
  ${common(service)}
aws ecs wait services-stable --cluster $CLUSTER --services $SERVICE-gatehouse
\`\`\`

A share, a look at the logins, then all. Back, at any time: \`weights 100 0\`; another shell needs RULE, OLD, NEW and the line of \`weights\` first.

\`\`\`sh
weights 95 5
weights 0 100
\`\`\`
`
}

/** What the service needs, as commands of the AWS CLI. The variables are the team's. */
export const commands = (service: Service): string =>
  `# ${service.family}: the service and its target group

${serviceText(service)}
Run the commands in the folder of this file. Nothing of this has been run.

${openPort(service)}${doctor(service)}
Then one of the two ways.

${inPlace(service)}
${byWeights(service)}`

/** As a security group has it: a host and its port. */
function endpoint(origin: string): string {
  const { protocol, hostname, port } = new URL(origin)
  return `${hostname}:${port || (protocol === 'https:' ? 443 : 80)}`
}

/** The same in a sentence each, for people. */
export function serviceText(service: Service, texts: Texts['service'] = english.service): string {
  const { container, port, before, healthPath, deregistrationDelay, idle, startSeconds, isPortNew, origins } =
    service
  const lines = [
    texts.loadBalancer(container, port, before.container, before.port),
    ...(isPortNew ? [texts.securityGroup(port)] : []),
    ...(origins.length > 0 ? [texts.origins(origins.map(endpoint).join(', '))] : []),
    texts.targetGroup(healthPath, matcher, deregistrationDelay),
    texts.idleTimeout(idle.above, idle.below),
    texts.grace(startSeconds),
    texts.deployment(DEPLOYMENT.minimumHealthyPercent, DEPLOYMENT.maximumPercent),
  ]
  return `${texts.heading}\n${lines.map(line => `  - ${line}\n`).join('')}`
}

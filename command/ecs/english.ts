const RENDER = 'render it first: ecspresso render taskdef > task.json'
const DESCRIBE =
  'aws ecs describe-task-definition --task-definition FAMILY > task.json prints what is registered'

/** Everything that `gatehouse ecs` says to a person; what it writes for programs and for a team is the same in every language. */
export const english = {
  usage: `gatehouse ecs TASK.json [--nginx FILE] [--out DIR]

Takes the Nginx container out of an ECS task definition: the app's container runs Gatehouse then. TASK.json is what
\`aws ecs describe-task-definition\` prints, or what ecspresso renders; "-" reads it from stdin. Nothing is sent to AWS.

  --nginx FILE             the configuration of that Nginx: BACKEND_ORIGIN and the other settings are read from it, or the routes
                           (gatehouse.config.ts), unless this folder has that file already: then its routes are taken
  --server PORT|NAME       which of its servers, where several lead to an API
  --pages ORIGIN, --backend ORIGIN   the origin of Next.js, or of the API, where its configuration does not tell them apart
  --env NAME=VALUE         a setting of Gatehouse; may be given several times
  --image URI              the new image of the app's container
  --start-seconds SECONDS  so long a task that starts is not ended for a health check that fails: 60, or the startPeriod that the app has; at most 300
  --out DIR                writes task-definition.json, gatehouse.config.ts where one is needed, what the service needs as commands, for ecspresso and Terraform
  --nginx-container NAME, --app-container NAME, --nginx-port PORT, --drop NAME, --writable PATH, --accept CODE
                           answers to the questions that this command asks

The task definition goes to stdout (with --out to a file), messages go to stderr. The exit code is 1 where a person has
to decide something first; then there is no task definition.
`,
  headings: {
    changed: 'Changed',
    look: 'Check',
    decide: 'Decide first; until then there is no new task definition',
  },
  accepted: (words: string) => `${words} (accepted)`,
  noPort: (text: string) => `--nginx-port ${text} is no port`,
  noStartSeconds: (text: string, most: number) =>
    `--start-seconds ${text} is no whole number from 0 to ${most}`,
  noPair: (text: string) => `--env ${text} is not of the form NAME=VALUE`,
  outHint: '--out DIR writes the commands for that, and the same for ecspresso and Terraform.',
  written: (folder: string, names: string) => `Written to ${folder}: ${names}`,
  service: {
    heading: 'The service needs:',
    loadBalancer: (container: string, port: number, before: string, portBefore: number | undefined) =>
      `load balancer: container ${container}, port ${port} (was ${before}, ${portBefore ?? 'unknown'})`,
    securityGroup: (port: number) =>
      `security groups: allow port ${port} inbound from the load balancer in the tasks' group (with network mode host, that of the instances), and outbound in the load balancer's (one that CDK made allows the old port alone)`,
    origins: (all: string) =>
      `APIs: allow outbound in the tasks' security group, and inbound in that of each API (of its private ALB): ${all}`,
    targetGroup: (path: string, matcher: string, delay: number) =>
      `target group: health check ${path} at the traffic port, HTTP ${matcher}; deregistration delay ${delay} s, or the load balancer's idle timeout where that is longer`,
    idleTimeout: (above: number, below: number) =>
      above < below
        ? `load balancer: an idle timeout above ${above} s and below ${below} s (60 s is its default)`
        : `load balancer: an idle timeout above ${above} s, the longest timeout of an API (60 s is its default); and KEEP_ALIVE_TIMEOUT, ${below} s, above that: --env KEEP_ALIVE_TIMEOUT=${above + 30}s`,
    grace: (seconds: number) =>
      `health check grace period: ${seconds} s (--start-seconds, where the app takes longer to start)`,
    deployment: (least: number, most: number) =>
      `deployment: circuit breaker with rollback, ${least} % to ${most} %`,
  },
  read: {
    jsonnet: (name: string) => `${name} is jsonnet; ${RENDER}`,
    template: (name: string, start: string) => `${name} is a template (${start} …}}); ${RENDER}`,
    list: (name: string) =>
      `${name} is a list, such as Terraform's container_definitions; the whole is needed: ${DESCRIBE}`,
    empty: (name: string) => `${name} is empty: ${DESCRIBE}`,
    terraform: (name: string) => `${name} is a template of Terraform or the like: ${DESCRIBE}`,
    comments: (name: string) => `${name} is jsonnet, or JSON with comments; ${RENDER}`,
    yaml: (name: string) => `${name} is YAML, and JSON is needed; ${RENDER}, or ${DESCRIBE}`,
    noJson: (name: string, reason: string) => `${name} is not JSON (${reason}): ${DESCRIBE}`,
    service: (name: string) =>
      `${name} is a service's description, and the task definition is needed: ${DESCRIBE}`,
    cloudFormation: (name: string) =>
      `${name} is written for CloudFormation, and the form of the API is needed: ${DESCRIBE}`,
    noContainers: (name: string) => `${name} has no containerDefinitions: ${DESCRIBE}`,
    mistakes: (name: string, mistakes: string) => `${name} is no task definition:\n${mistakes}`,
  },
  roles: {
    noContainer: (name: string, all: string) => `there is no container "${name}"; there are: ${all}`,
    severalNginx: (all: string) => `Several containers look like Nginx: ${all}`,
    noNginx: (all: string) => `None of the containers looks like Nginx: ${all}`,
    severalApps: (all: string) => `Several containers may be the Next.js app: ${all}`,
    noApp: (nginx: string, others: string) =>
      `No container beside ${nginx} looks like the Next.js app: ${others || 'there is none'}`,
    exporter: (name: string) => `${name} asks Nginx for its metrics, and there is no Nginx any more.`,
    windows: "the task is for Windows, and Gatehouse's image is for Linux",
    gone: (containers: string, app: string) =>
      `${containers}: removed. ${app} runs Gatehouse, which serves the pages and proxies the logins.`,
    essential: (app: string) => `${app} is essential now.`,
    secrets: (nginx: string, secrets: string) =>
      `Secrets of ${nginx} that nothing uses any more: ${secrets}. The execution role may still read them.`,
    variables: (nginx: string, names: string) =>
      `Variables of ${nginx} that nothing uses any more: ${names}.`,
    rest: (nginx: string, fields: string, app: string) =>
      `${nginx} also had ${fields}: check whether ${app} needs them.`,
  },
  nginx: {
    put: (file: string, names: string, nginx: string) =>
      `${file} has ${names} from the environment of ${nginx}: the values are in Gatehouse's settings now.`,
    unknown: (file: string, name: string, nginx: string, isSecret: boolean) =>
      `${file} has \${${name}}, which ${isSecret ? `is a secret of ${nginx}` : `is not in the environment of ${nginx}`}: its value is not known here.`,
    set: (remark: string, at: string) => `${remark}, from ${at}.`,
    finding: (at: string, what: string, remark: string) => `${at} ${what}: ${remark}.`,
    missing: (file: string, why: string) => `${file}: ${why}.`,
    ownFile:
      'save what `gatehouse from-nginx` prints as gatehouse.config.ts in this folder, add that route, and run this command again',
    secret: (file: string, name: string) => `${file}: ${name} is the value of a header that may be secret.`,
    ofTask: (name: string, app: string) =>
      `${name} among the secrets of ${app} in the task definition, or --env ${name}=VALUE`,
  },
  image: {
    same: (image: string) =>
      `The image is ${image}, as before. It has to be one that \`npx gatehouse init\`'s Dockerfile makes: an older one has no Gatehouse, and the task does not start (--image URI).`,
    changed: (image: string, before: string) => `The image is ${image}, and was ${before}.`,
  },
  container: {
    runsFromImage: (app: string, command: string) =>
      `${app} runs \`${command}\`, and ran what its image says.`,
    runs: (app: string, command: string, ran: string) => `${app} runs \`${command}\`, and ran \`${ran}\`.`,
    ranMore: (app: string, command: string, ran: string) =>
      `${app} ran \`${ran}\`. It runs \`${command}\` now, and whatever else that command did no longer happens: run migrations in a task of their own, and put a preload into NODE_OPTIONS.`,
    user: (user: string, before: string) => `user is ${user}, the image's, and was ${before}.`,
    writableFor: (user: string, path: string | undefined) =>
      `Gatehouse and the pages run as ${user}: ${path} has to be writable for that user.`,
    workingDirectory: (folder: string) => `workingDirectory ${folder} was removed: the image has its own.`,
    healthCheck: (before: string | undefined) =>
      before === undefined
        ? "healthCheck is Gatehouse's; there was none."
        : `healthCheck is Gatehouse's, and was \`${before}\`.`,
    stopTooLong: (stop: number, most: number) =>
      `STOP_DELAY and STOP_TIMEOUT need a stopTimeout of ${stop} s, and Fargate kills a task after ${most} s.`,
    stopTimeout: (stop: number, before: number | undefined) =>
      `stopTimeout is ${stop}${before === undefined ? '' : `, and was ${before}`}: longer than STOP_DELAY and STOP_TIMEOUT together.`,
    readOnly: (cache: string) =>
      `The root file system is read-only now. A page that writes needs a volume: for next/image and cached fetch ${cache}, for temporary files /tmp (--writable PATH; docs/image.md).`,
    writableForExec:
      'The root file system stays writable: initProcessEnabled is a sign of ECS Exec, which needs that. Set readonlyRootFilesystem yourself if you do not use ECS Exec.',
    writableForApp: (paths: string) =>
      `The root file system stays writable: the app writes to ${paths}, and perhaps elsewhere. Set readonlyRootFilesystem yourself if it writes nowhere else.`,
    descriptors: (limit: number) =>
      `ulimit nofile is ${limit}: Gatehouse has the connections that Nginx had.`,
  },
  sizes: {
    more: (field: string, app: string, sum: number, own: number, more: number) =>
      `${field} of ${app} is ${sum}, and was ${own} (the share of the removed containers, ${more}, was added).`,
    rest: (app: string, rest: number, hasOthers: boolean) =>
      `memory of ${app} is ${rest}, the task's${hasOthers ? ' minus that of the other containers' : ''}: Gatehouse takes this for its limit.`,
    noLimit: (app: string) =>
      `${app} has no memory limit of its own, and other containers have none either: set PAGE_MEMORY, or memory of ${app}, otherwise Gatehouse assumes that it has all memory of the task.`,
  },
  ports: {
    taken: (setting: string, port: number, usual: number) => `${setting} is ${port}: ${usual} is taken.`,
    changed: (port: number, before: number, isPrivileged: boolean) =>
      `The port is ${port}, and was ${before}${isPrivileged ? ': a user without privileges cannot bind a port below 1024' : ''}.`,
    noPort: (container: string, port: number, all: string) =>
      `${container} has no port ${port}; it has: ${all}`,
    tls: (container: string) =>
      `${container} had TLS at 443. Gatehouse speaks plain HTTP, and TLS ends at the load balancer: its target group has the protocol HTTP; where yours has HTTPS or TLS, make a new one.`,
    several: (container: string, all: string) =>
      `${container} has several ports: ${all}. Which one does the target group of the service use?`,
    lost: (container: string, port: string) =>
      `${container}'s port ${port} is not there any more: Gatehouse has one port.`,
    kept: (container: string, port: string) =>
      `${container}'s port ${port} is kept: check that something still listens there. Pages run in several processes.`,
    name: (own: string, port: number, kept: string) =>
      `The port name ${own} (${port}) is not there any more; ${kept} is kept. Service Connect may refer to it.`,
    protocol: (before: string) =>
      `appProtocol of the port is http, and was ${before}: Gatehouse speaks HTTP/1.1.`,
    hostPort: (port: number) =>
      `The port of the host is fixed (${port}): a new task does not start on an instance where one with that port runs. Keep an instance free for deployments, or use hostPort 0 in the mode bridge, or awsvpc.`,
  },
  environment: {
    secret: (name: string, value: string) => `${name} stays a secret; Nginx's configuration says ${value}.`,
    differs: (name: string, before: string, value: string) =>
      `${name} is ${before} in the app's environment, and ${value} in Nginx's configuration.`,
    inSecrets: (name: string, app: string) =>
      `${name} is in the secrets of ${app} already, and cannot be in its environment, too`,
    nodeEnv: (value: string) =>
      `NODE_ENV=${value} was removed: the image says production, and Gatehouse needs it.`,
    changed: (name: string, value: string, before: string) => `${name} is ${value}, and was ${before}.`,
    nexts: (name: string, value: string) =>
      `${name}=${value} was removed: Gatehouse sets where Next listens.`,
    shared: (name: string) =>
      `${name} was the app's own: Gatehouse reads it, too (docs/settings.md). Rename the app's if it means something else.`,
    nodeOptions: (value: string) =>
      `NODE_OPTIONS=${value} holds for Gatehouse and each page worker, too: a --require or --import is loaded into all of them, and PAGE_MEMORY sets the heap.`,
    file: (file: string) =>
      `What ${file} sets is not known here; the environment of the container wins over it.`,
    withoutNginx: (hasPaths: boolean) =>
      `Without --nginx FILE these are the defaults: ${hasPaths ? 'BACKEND_PATHS (/user/login), ' : ''}BACKEND_TIMEOUT, CONNECT_TIMEOUT, MAX_BODY, DNS_SERVERS, TRUSTED_PROXIES.`,
    noOrigin: 'BACKEND_ORIGIN is not known: the origin of the API that Nginx sent logins to.',
    nginxOrEnv: '--nginx default.conf (the configuration of that Nginx), or --env',
    mistake: (mistake: string) => `Gatehouse does not start: ${mistake}`,
    rename: (name: string) => `--env ${name}=VALUE, and rename the app's variable if it means something else`,
  },
  routes: {
    own: (file: string) =>
      `The routes are those of ${file} in this folder, which the image has: there is no BACKEND_ORIGIN, and Nginx's locations are not looked at.`,
    fromNginx: (nginx: string, file: string) =>
      `The locations of ${nginx} need ${file}, which --out DIR writes: put it beside next.config, and build the image with it.`,
    instead: (name: string, value: string, file: string) =>
      `${name}=${value} was removed: ${file} has the origins and paths.`,
    correct: (file: string) =>
      `correct ${file}, or give its variable to the app's container in the task definition (environment, secrets)`,
    nowhere: (origin: string) =>
      `A route leads to ${origin}, a port of the task where Nginx or Next listened: no API is there.`,
  },
  addresses: {
    variable: (name: string, container: string) => `${name} of ${container}`,
    command: (container: string) => `the command of ${container}`,
    healthCheck: (container: string) => `healthCheck of ${container}`,
    nowhere: (what: string, port: number) =>
      `${what} leads to a port of the task where nothing listens any more: Gatehouse is at ${port}; pages reach the API by BACKEND_URL (docs/server-side.md).`,
  },
  volumes: {
    handed: (volume: string, path: string, nginx: string) =>
      `The volume ${volume} at ${path} was removed: it handed files to ${nginx}, and Gatehouse serves the image's own.`,
    hides: (volume: string, path: string) =>
      `The volume ${volume} at ${path} may hide files of the new image, or be where nothing reads it: the app is in /app, its files in /app/.next. Change containerPath in the file, or take it out.`,
    cache: (volume: string, place: string, path: string) =>
      `The volume ${volume} is at ${place}, and was at ${path}: Next's cache is there in the new image.`,
    shared: (app: string, nginx: string, volume: string, path: string) =>
      `${app} and ${nginx} shared the volume ${volume} (${path}): where it only handed files to ${nginx}, take it out.`,
    gone: (volume: string) => `The volume ${volume} was removed: nothing else used it.`,
    sharedByOther: (other: string, volume: string, nginx: string) =>
      `${other} shared the volume ${volume} with ${nginx}, which no longer writes and reads there.`,
    writable: (path: string) =>
      `${path} is a volume that ends with the task; the Dockerfile has to name it, too (docs/ecs.md#what-can-be-written).`,
  },
  others: {
    depended: (name: string, gone: string, condition: string, now: string | undefined) =>
      `${name} depended on ${gone} (${condition}), and ${now === undefined ? 'does not any more' : `depends on ${now}`}.`,
    waits: (app: string, other: string, condition: string, nginx: string) =>
      `${app} depends on ${other} (${condition}), as ${nginx} did.`,
    unlinked: (name: string, gone: string) => `${name} was linked to ${gone}, and is not any more.`,
    linked: (name: string, link: string, alias: string, app: string) =>
      `${name} was linked to ${link}: the name ${alias} leads to ${app} now.`,
    linksOfNginx: (nginx: string, links: string, app: string) =>
      `${nginx} was linked to ${links}, and ${app} is now. BACKEND_ORIGIN may be such a name: Docker writes it to /etc/hosts, which Gatehouse reads.`,
    volumesFrom: (name: string, gone: string) =>
      `${name} had the volumes of ${gone} (volumesFrom), and no longer has them: check what it read there.`,
    appPorts: (value: string, before: string) =>
      `AppPorts of the mesh's proxy is ${value}, and was ${before}.`,
  },
}

export type Texts = typeof english

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Options, withoutNginx } from './convert.ts'
import { ecspressoService, terraform } from './for-tools.ts'
import { createNotes, notesText } from './notes.ts'
import { readTask } from './read.ts'
import { commands, type Service, serviceText } from './service.ts'

const USAGE = `ecs TASK.json [--nginx FILE] [--out DIR]

Takes the Nginx container out of an ECS task definition: the app's container becomes the front. TASK.json is what
\`aws ecs describe-task-definition\` prints, or what ecspresso renders; "-" reads it from stdin. Nothing is sent to AWS.

  --nginx FILE             the configuration of that Nginx: BACKEND_ORIGIN and the other settings are read from it
  --server PORT|NAME       which of its servers, where several lead to an API
  --env NAME=VALUE         a setting of the front; may be given several times
  --image URI              the new image of the app's container
  --out DIR                writes task-definition.json, what the service needs as commands, for ecspresso and Terraform
  --nginx-container NAME, --app-container NAME, --nginx-port PORT, --drop NAME, --writable PATH, --accept CODE
                           answers, where it asks

The task definition goes to stdout (with --out to a file), what is to be said to stderr. The exit code is 1 where a person has
to decide something first; then there is no task definition.
`

type Output = { write(text: string): unknown }

/** @returns the exit code */
export function ecs(
  args: readonly string[],
  { stdout, stderr }: { readonly stdout: Output; readonly stderr: Output } = process,
): number {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      nginx: { type: 'string' },
      server: { type: 'string' },
      env: { type: 'string', multiple: true, default: [] },
      image: { type: 'string' },
      out: { type: 'string' },
      'nginx-container': { type: 'string' },
      'app-container': { type: 'string' },
      'nginx-port': { type: 'string' },
      drop: { type: 'string', multiple: true, default: [] },
      writable: { type: 'string', multiple: true, default: [] },
      accept: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean' },
    },
  })
  const [file, ...more] = positionals
  if (file === undefined || more.length > 0 || values.help) {
    stderr.write(USAGE)
    return values.help ? 0 : 1
  }
  const task = readTask(
    readFileSync(file === '-' ? 0 : file, 'utf8'),
    file === '-' ? 'stdin' : basename(file),
  )
  const notes = createNotes(values.accept.flatMap(each => each.split(',')))
  const options: Options = {
    nginx: values.nginx,
    server: values.server,
    image: values.image,
    nginxContainer: values['nginx-container'],
    appContainer: values['app-container'],
    nginxPort: portOf(values['nginx-port']),
    drop: values.drop,
    writable: values.writable,
    env: variablesOf(values.env),
  }
  const found = withoutNginx(task, options, notes)
  stderr.write(`${notesText(notes)}\n`)
  if (!found) return 1
  const text = `${JSON.stringify(found.task, null, 2)}\n`
  stderr.write(serviceText(found.service))
  if (values.out === undefined) {
    stdout.write(text)
    stderr.write('\n--out DIR writes the commands for that, and the same for ecspresso and Terraform.\n')
  } else {
    const names = write(values.out, text, found.service)
    stderr.write(`\nWritten to ${values.out}: ${names.join(', ')}\n`)
  }
  return 0
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const port = Number(text)
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error(`--nginx-port ${text} is no port`)
  return port
}

function variablesOf(pairs: readonly string[]): Record<string, string> {
  const entries = pairs.map(pair => {
    const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(pair) ?? []
    if (name === undefined || value === undefined)
      throw new Error(`--env ${pair} is not of the form NAME=VALUE`)
    return [name, value]
  })
  return Object.fromEntries(entries)
}

/** @returns the names of the files */
function write(folder: string, task: string, service: Service): string[] {
  const files = {
    'task-definition.json': task,
    'service.md': commands(service),
    'ecspresso-service.json': ecspressoService(service),
    'service.tf': terraform(service),
  }
  mkdirSync(folder, { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return Object.keys(files)
}

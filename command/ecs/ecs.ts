import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Language } from '../../lib/http/accept.ts'
import { readText } from '../read-text.ts'
import { type Converted, type Options, withoutNginx } from './convert.ts'
import type { Texts } from './english.ts'
import { ecspressoService, terraform } from './for-tools.ts'
import { MOST_START_SECONDS } from './front.ts'
import { createNotes, notesText, TEXTS } from './notes.ts'
import { readTask } from './read.ts'
import { findRoles } from './roles.ts'
import { loadRouteFile } from './route-file.ts'
import { commands, serviceText } from './service.ts'
import { compact } from './task.ts'

type Output = { write(text: string): unknown }

/**
 * @param language of what is said to a person: what is written for programs and for a team does not change with it
 * @returns the exit code
 */
export async function ecs(
  args: readonly string[],
  language: Language = 'en',
  { stdout, stderr }: { readonly stdout: Output; readonly stderr: Output } = process,
): Promise<number> {
  const texts = TEXTS[language]
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      nginx: { type: 'string' },
      server: { type: 'string' },
      pages: { type: 'string' },
      backend: { type: 'string' },
      env: { type: 'string', multiple: true, default: [] },
      image: { type: 'string' },
      out: { type: 'string' },
      'nginx-container': { type: 'string' },
      'app-container': { type: 'string' },
      'nginx-port': { type: 'string' },
      'start-seconds': { type: 'string' },
      drop: { type: 'string', multiple: true, default: [] },
      writable: { type: 'string', multiple: true, default: [] },
      accept: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean' },
    },
  })
  const [file, ...more] = positionals
  if (file === undefined || more.length > 0 || values.help) {
    stderr.write(texts.usage)
    return values.help ? 0 : 1
  }
  const task = readTask(readText(file), file === '-' ? 'stdin' : basename(file), texts.read)
  const notes = createNotes(
    values.accept.flatMap(each => each.split(',')),
    language,
  )
  const named = {
    nginxContainer: values['nginx-container'],
    appContainer: values['app-container'],
    drop: values.drop,
  }
  const env = variablesOf(values.env, texts)
  // what is open about the containers is asked below
  const app = findRoles(task, named, createNotes([], language))?.app
  const options: Options = {
    ...named,
    routes: app && (await loadRouteFile(process.cwd(), app, env)),
    nginx: values.nginx,
    server: values.server,
    pages: values.pages,
    backend: values.backend,
    image: values.image,
    startSeconds: startSecondsOf(values['start-seconds'], texts),
    nginxPort: portOf(values['nginx-port'], texts),
    writable: values.writable,
    env,
  }
  const found = withoutNginx(task, options, notes)
  stderr.write(`${notesText(notes)}\n`)
  if (!found) return 1
  const text = `${JSON.stringify(found.task, null, 2)}\n`
  stderr.write(serviceText(found.service, texts.service))
  if (values.out === undefined) {
    stdout.write(text)
    stderr.write(`\n${texts.outHint}\n`)
  } else {
    const names = write(values.out, text, found)
    stderr.write(`\n${texts.written(values.out, names.join(', '))}\n`)
  }
  return 0
}

function portOf(text: string | undefined, texts: Texts): number | undefined {
  if (text === undefined) return undefined
  const port = Number(text)
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error(texts.noPort(text))
  return port
}

function startSecondsOf(text: string | undefined, texts: Texts): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d+$/.test(text) || Number(text) > MOST_START_SECONDS)
    throw new Error(texts.noStartSeconds(text, MOST_START_SECONDS))
  return Number(text)
}

function variablesOf(pairs: readonly string[], texts: Texts): Record<string, string> {
  const entries = pairs.map(pair => {
    const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(pair) ?? []
    if (name === undefined || value === undefined) throw new Error(texts.noPair(pair))
    return [name, value]
  })
  return Object.fromEntries(entries)
}

/** @returns the names of the files */
function write(folder: string, task: string, { service, routesText }: Converted): string[] {
  const files = compact({
    'task-definition.json': task,
    'gatehouse.config.ts': routesText,
    'service.md': commands(service),
    'ecspresso-service.json': ecspressoService(service),
    'service.tf': terraform(service),
  })
  mkdirSync(folder, { recursive: true })
  for (const [name, text = ''] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return Object.keys(files)
}

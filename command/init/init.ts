import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { nextOf } from '../../lib/pages/next.ts'
import { textsOf } from '../language.ts'
import { dockerfile, dockerignore } from './docker.ts'
import { E2E_SCRIPT, e2e } from './e2e.ts'
import { changeScripts, gatehouseOf, localPackages, readManifest } from './scripts.ts'
import { workspaceOf } from './workspace.ts'

/** The one that the tests build apps with; an older one has no proxy.ts, for one thing. */
const LEAST_NEXT = 16

/**
 * Puts Gatehouse under the Next.js app in a folder: scripts, a Dockerfile and its .dockerignore, with --e2e end-to-end tests, and
 * nothing else. What is there and is not known stays as it is. May be run again.
 * @returns the exit code: 1 where something is left for a person
 * @throws where there is no app that can be taken
 */
export function init(root: string, args: readonly string[]): number {
  const texts = textsOf(process.env).init
  const { values } = parseArgs({
    args: [...args],
    options: { 'dry-run': { type: 'boolean' }, e2e: { type: 'boolean' } },
  })
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(nextOf(root, 'next/package.json'), 'utf8')))
  if (Number.parseInt(version, 10) < LEAST_NEXT) throw new Error(texts.next(version, LEAST_NEXT))

  const path = join(root, 'package.json')
  const before = readFileSync(path, 'utf8')
  const { text, done, left } = changeScripts(before, texts, values.e2e ? E2E_SCRIPT : undefined)
  const manifest = readManifest(before)
  const from = gatehouseOf(manifest)
  const tests = values.e2e ? e2e(root, manifest, texts) : undefined
  const said = done.map(each => `package.json: ${each}`)
  const missing = left.map(each => `package.json: ${each}`)
  if (from === undefined) missing.push(`package.json: ${texts.noDependency}`)
  const workspace = workspaceOf(root)
  for (const each of localPackages(manifest))
    if (isOutside(workspace.top, resolve(root, each.replace(/^\w+:/, ''))))
      missing.push(`package.json: ${texts.outside(each)}`)
  const image = join(root, 'Dockerfile')
  if (existsSync(image) && !/gatehouse|front\.mjs/.test(readFileSync(image, 'utf8')))
    missing.push(`Dockerfile: ${texts.dockerfile}`)
  missing.push(...(tests?.left ?? []))
  const files: (readonly [name: string, text: string])[] = [
    ['Dockerfile', dockerfile(root, manifest, workspace)],
    dockerignore(workspace),
    ...(tests?.files ?? []),
  ]
  const fresh = files.filter(([name]) => !existsSync(join(root, name)))
  for (const [name] of files)
    said.push(`${name}: ${fresh.some(each => each[0] === name) ? texts.added : texts.stays}`)

  if (!values['dry-run']) {
    if (text !== before) writeFileSync(path, text)
    for (const [name, content] of fresh) {
      mkdirSync(dirname(join(root, name)), { recursive: true })
      writeFileSync(join(root, name), content)
    }
  }
  process.stdout.write(
    `${values['dry-run'] ? `${texts.wouldBe}\n` : ''}${said.map(each => `  ${each}\n`).join('')}`,
  )
  if (missing.length > 0)
    process.stdout.write(`${texts.byHand}\n${missing.map(each => `  ${each}\n`).join('')}`)
  return missing.length > 0 ? 1 : 0
}

const isOutside = (folder: string, path: string) => relative(folder, path).startsWith('..')

import { z } from 'zod'
import type { Texts } from '../english.ts'

const Package = z.looseObject({
  packageManager: z.string().optional(),
  scripts: z.record(z.string(), z.string()).default({}),
  dependencies: z.record(z.string(), z.string()).default({}),
  devDependencies: z.record(z.string(), z.string()).default({}),
})

export type Manifest = z.output<typeof Package>

/** @throws where it is no package.json */
export function readManifest(text: string): Manifest {
  return Package.parse(JSON.parse(text))
}

/** Where Gatehouse itself is said to be had from: `^0.1.0`, `file:gatehouse-0.1.0.tgz`. */
export const gatehouseOf = ({ dependencies, devDependencies }: Manifest): string | undefined =>
  dependencies.gatehouse ?? devDependencies.gatehouse

/** What package.json says of packages in folders and files, gatehouse's among them: `file:../shared`. */
export const localPackages = ({ dependencies, devDependencies }: Manifest): string[] =>
  Object.values({ ...devDependencies, ...dependencies }).filter(each => /^(file|link|portal):/.test(each))

const NAMES = ['dev', 'build', 'start'] as const
/** Behind variables and what loads them: `PORT=3000`, `cross-env`, `dotenv -e .env.staging --`. */
const STEP = /^((?:.* -- )?(?:(?:cross-env|\w+=(?:'[^']*'|"[^"]*"|[^\s'"]*)) +)*)next (dev|build|start)(.*)$/
/** What Next takes anyway; what webpack does stays so. */
const TURBO = / +--turbo(?:pack)?(?= |$)/g
const LISTENING = String.raw` +(?:-p|--port|-H|--hostname)[ =][^\s;|&]+`
/** The arguments that mean the same to `gatehouse`. */
const SAME: Readonly<Record<string, RegExp>> = {
  dev: new RegExp(String.raw`^(?:${LISTENING}| +--webpack| +--inspect(?:=\S+)?)*$`),
  build: /^(?: +--[\w-]+)*$/,
  start: new RegExp(String.raw`^(?:${LISTENING}| +--keepAliveTimeout[ =]\d+)*$`),
}
/** A folder of the app itself, or all that is in it: `public`, `./public/`, `"public/**\/*"`. */
const folder = (name: string) => String.raw`["']?(?:\.[\\/]+)?${name}(?:[\\/][\\/.*]*)?["']?`
const STATIC = String.raw`\.next[\\/]+static`
const STANDALONE = String.raw`["']?(?:\.[\\/]+)?\.next[\\/]+standalone`
const below = (name: string) => String.raw`(?:[\\/][^\s;|&]*)?[\\/]${name}`
const COPY = '(?:cp|cpr|cpx2?|cpy|ncp|copy|copyfiles|rsync|robocopy|xcopy)'
const OPTIONS = String.raw`(?: [/-][^\s;|&]+)*`
/**
 * Next's own last steps to a standalone server: `cp -r public .next/standalone/ && cp -r .next/static .next/standalone/.next/`. The
 * build has linked both there by then, so that each would be copied onto itself.
 */
const COPIES = new RegExp(
  String.raw`^(?:(?:npx|yarn|bunx|pnpm exec) )?(?:shx )?${COPY}${OPTIONS} (?:${folder('public')} ${STANDALONE}(?:${below('public')})?|${folder(STATIC)} ${STANDALONE}${below(String.raw`\.next(?:[\\/]+static)?`)})[\\/]*["']?${OPTIONS}$`,
)
/** One that is written in another way. */
const MAY_COPY = new RegExp(
  String.raw`\b${COPY}\b[^;|&]* (?:${folder('public')}|${folder(STATIC)}) [^;|&]*\.next[\\/]+standalone`,
  'i',
)

const IS_BUILD = /\bgatehouse build\b/
/** Whether `build` has been run where a script has come to its copies. */
const isBuildAround = (name: string, script: string) =>
  name === 'postbuild' || /\b(?:npm|pnpm|yarn|bun) (?:run )?(?:-\S+ )*build(?![\w:.-])/.test(script)

export type Changes = {
  /** of package.json, with its own indentation and line ends; as it was where nothing changes */
  readonly text: string
  readonly done: readonly string[]
  /** what a person has to do */
  readonly left: readonly string[]
}

/**
 * Puts gatehouse in Next's place in the scripts, where they are what is known; others are named and stay.
 * @param more a further script, which is added where there is none of its name
 */
export function changeScripts(
  text: string,
  texts: Texts['init'],
  more?: { readonly name: string; readonly run: string },
): Changes {
  const manifest = readManifest(text)
  const scripts = { ...manifest.scripts }
  const done: string[] = []
  const left: string[] = []
  for (const name of NAMES) {
    const before = scripts[name]
    const wanted = `gatehouse ${name}`
    if (before === undefined) {
      scripts[name] = wanted
      done.push(texts.script(name, wanted, undefined))
      continue
    }
    if (before.includes(wanted)) continue
    const steps = before.split(' && ')
    const after = steps.map(step => replaced(step.trim(), name) ?? step)
    if (after.every((step, i) => step === steps[i])) left.push(texts.change(name, before, wanted))
    else scripts[name] = after.join(' && ')
  }
  for (const [name, script] of Object.entries(scripts)) {
    const isNexts = /\bnext build\b/.test(script)
    const isAfter = !isNexts && isBuildAround(name, script) && IS_BUILD.test(scripts.build ?? '')
    const isLinked = isAfter || IS_BUILD.test(script)
    // where something is removed there, the link may be what it is
    const kept = script
      .split(' && ')
      .filter(step => !isLinked || !COPIES.test(step.trim()) || /\b(?:rm|rimraf)\b.*standalone/.test(script))
    if (kept.length > 0) scripts[name] = kept.join(' && ')
    if (MAY_COPY.test(scripts[name] ?? '')) {
      if (isNexts && name !== 'build') left.push(texts.change(name, script, 'gatehouse build'))
      left.push(texts.copies(name, script))
    }
    const before = manifest.scripts[name]
    if (before !== undefined && scripts[name] !== before)
      done.push(
        `${texts.script(name, scripts[name] ?? '', before)}${isMoved(before, scripts[name] ?? '') ? texts.port : ''}`,
      )
  }
  if (more && scripts[more.name] === undefined) {
    scripts[more.name] = more.run
    done.push(texts.script(more.name, more.run, undefined))
  }
  if (done.length === 0) return { text, done, left }
  const [, indent = '  '] = /^([ \t]+)"/m.exec(text) ?? []
  const end = text.endsWith('\n') ? '\n' : ''
  const original: unknown = JSON.parse(text)
  const all = { ...z.looseObject({}).parse(original), scripts }
  const changed = `${JSON.stringify(all, null, indent)}${end}`
  return { text: text.includes('\r\n') ? changed.replaceAll('\n', '\r\n') : changed, done, left }
}

/** Whether the app listens at another port than before, for want of one that is named. */
const isMoved = (before: string, after: string) =>
  /\bgatehouse (?:dev|start)\b/.test(after) &&
  !/\bgatehouse (?:dev|start)\b/.test(before) &&
  !/\bPORT=| (?:-p|--port)[ =]/.test(after)

/** `next dev --turbopack -p 3001` → `gatehouse dev -p 3001`; undefined where it is none of what is known. */
function replaced(step: string, name: string): string | undefined {
  const [, before = '', command, rest = ''] = STEP.exec(step) ?? []
  const args = rest.replaceAll(TURBO, '')
  return command === name && SAME[name]?.test(args) ? `${before}gatehouse ${name}${args}` : undefined
}

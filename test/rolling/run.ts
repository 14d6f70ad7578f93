import { whyNot } from './public-alb.ts'
import { rehearse } from './rehearsal.ts'
import { verdict } from './verdict.ts'

/** `npm run rolling`: 10 tasks replaced; `npm run rolling -- N`: so many. Exit code 0 only if nothing failed. */
const missing = whyNot()
if (missing) throw new Error(missing)
const rehearsal = await rehearse(Number(process.argv[2] ?? 10))
const { table, kept, unclear } = verdict(rehearsal)
process.stdout.write(`${rehearsal.changes.map(each => `The private ALB ${each}`).join('\n')}\n\n${table}\n`)
if (unclear) process.stdout.write('The machine was too busy to tell.\n')
if (kept) await rehearsal.forget()
else process.stdout.write(`logs of the tasks: ${rehearsal.folder}\n`)
process.exitCode = kept ? 0 : 1

import { writeFileSync } from 'node:fs'
import { exported } from '../lib/exported.ts'

/** `npm run export`: what teams without CDK use, made anew from this app. */
for (const [file, text] of Object.entries(exported()))
  writeFileSync(new URL(`../${file}`, import.meta.url), text)

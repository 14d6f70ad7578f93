import { fromNginx } from './nginx/print.ts'

const [, , name, ...args] = process.argv
if (name === 'from-nginx') process.exitCode = fromNginx(args)

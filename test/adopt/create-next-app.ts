import { mkdir, writeFile } from 'node:fs/promises'
import http from 'node:http'
import { join } from 'node:path'
import { listen } from '../../lib/front/listen.ts'
import { run } from './shop.ts'

const CREATE = 'create-next-app@16.4.3'
const OPTIONS = ['--yes', '--ts', '--disable-git', '--use-npm', '--skip-install']

export type NewApp = {
  readonly root: string
  /** What Next is told in place of Google's stylesheets: the template has two fonts, and a build must need no network. */
  readonly env: Readonly<Record<string, string>>
  /** The folder that these are in. */
  readonly fontsAt: string
  close(): void
}

/** What create-next-app makes, without its packages. */
export async function createNextApp(folder: string, name: string): Promise<NewApp> {
  await run(['npx', '--yes', CREATE, name, ...OPTIONS], folder)
  const fonts = http.createServer((_req, res) => res.end('wOF2'))
  const port = await listen(fonts, 0, '127.0.0.1')
  const fontsAt = join(folder, 'fonts')
  await mkdir(fontsAt)
  await writeFile(join(fontsAt, 'fonts.cjs'), stylesheets(port))
  return {
    root: join(folder, name),
    fontsAt,
    env: { NEXT_TELEMETRY_DISABLED: '1', NEXT_FONT_GOOGLE_MOCKED_RESPONSES: join(fontsAt, 'fonts.cjs') },
    close: () => void fonts.close(),
  }
}

function stylesheets(port: number): string {
  const face = (family: string) =>
    `@font-face {\n  font-family: '${family}';\n  font-style: normal;\n  font-weight: 100 900;\n  src: url(http://127.0.0.1:${port}/a.woff2) format('woff2');\n}\n`
  const urls = ['Geist', 'Geist Mono'].map(family => [
    `https://fonts.googleapis.com/css2?family=${family.replace(' ', '+')}:wght@100..900&display=swap`,
    face(family),
  ])
  return `module.exports = ${JSON.stringify(Object.fromEntries(urls))}`
}

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, describe, test } from 'node:test'
import { isTakenOver } from '../../command/nginx/from-nginx.ts'
import { withoutNginx } from '../nginx-process.ts'
import { ask as send } from './ask.ts'
import { startBackends } from './backends.ts'
import { REFUSED } from './configurations/refused.ts'
import { CONFIGURATIONS } from './configurations.ts'
import { KNOWN } from './known.ts'
import { compareOne, withBoth } from './one.ts'
import { ask } from './requests.ts'

const backends = await startBackends()
after(backends.close)

describe('the same requests to both', { concurrency: 3, skip: withoutNginx }, () => {
  for (const each of CONFIGURATIONS) {
    test(`as under Nginx: ${each.name}`, async () => {
      const { asked, unknown } = await compareOne(each, backends, true)
      assert.deepEqual(unknown, [])
      assert.ok(asked >= 20)
    })
  }

  for (const { name, conf, closed, open } of REFUSED) {
    test(`not taken over, and nothing opened: ${name}`, () =>
      withBoth({ conf }, backends, async ({ nginx, front }, reading) => {
        assert.equal(isTakenOver(reading), false)
        for (const target of open)
          for (const port of [nginx, front])
            assert.equal((await send(port, ask('GET', target))).received?.who, 'api', target)
        for (const target of closed) {
          const [there, here] = await Promise.all([nginx, front].map(port => send(port, ask('GET', target))))
          assert.equal(there?.received, undefined, target)
          assert.notEqual(here?.received?.who, 'api', target)
        }
      }))
  }
})

test('what differs from Nginx on purpose is what docs/from-nginx.md says', async () => {
  const text = await readFile('docs/from-nginx.md', 'utf8')
  const [, part = ''] = text.split('## Where Gatehouse differs on purpose')
  const rows = [...part.matchAll(/^\| (.+?) \|/gm)].map(([, cell = '']) => cell.replaceAll('`', ''))
  assert.deepEqual(
    rows.slice(2),
    KNOWN.map(({ reason }) => reason),
  )
})

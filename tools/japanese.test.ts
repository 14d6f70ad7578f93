import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { suite, test } from 'node:test'
import type { ErrorCode } from '../lib/http/errors.ts'
import { EVENTS } from '../lib/observe/events.ts'
import { describeSettings } from '../lib/settings/schema.ts'
import type { Words } from '../lib/settings/words.ts'
import { addresses, bounds, headlineAfter, NOW, refusing, stale, worker } from '../test/headline.ts'
import { anchorsOf, linksOf, markdownOf } from './links.ts'

const BLOCK = /^( *)```[\s\S]*?^\1```/gm
/** What both say in the same signs; comments in blocks of code are for people. */
const blocksOf = (page: string) =>
  [...page.matchAll(BLOCK)].map(([block]) => block.replace(/(^| +)# .*$/gm, ''))
const withoutBlocks = (page: string) => page.replace(BLOCK, '')
const codeSpans = (page: string) =>
  [...withoutBlocks(page).matchAll(/(?<!`)(`+)(?!`)((?:(?!\n\n)[\s\S])*?[^`])\1(?!`)/g)]
    .map(([code]) => code.replace(/\s+/g, ' '))
    .sort()
const figuresOf = (page: string) => [...page.matchAll(/\d[\d,.:/-]*\d|\d/g)].map(([figure]) => figure)
const inJapanese = (file: string) => file.replace(/\.md$/, '.ja.md')

const TRANSLATED = markdownOf('.').filter(file => existsSync(inJapanese(file)))
/** Has the table of settings alone: what each accepts stands in the English page. */
const SETTINGS = 'docs/settings.md'

test('the README is there in Japanese, and every page in Japanese is one in English, too', () => {
  assert.ok(TRANSLATED.includes('README.md') && TRANSLATED.includes(SETTINGS))
  const pages = markdownOf('.').filter(file => file.endsWith('.ja.md'))
  assert.deepEqual(pages, TRANSLATED.map(inJapanese).sort())
})

for (const file of TRANSLATED) {
  const english = readFileSync(file, 'utf8')
  const japanese = readFileSync(inJapanese(file), 'utf8')
  const links = (page: string) => linksOf(page).map(link => link.replace(/\.ja\.md(?=#|$)/, '.md'))

  suite(inJapanese(file), () => {
    test('leads to the English page, and it leads here', () => {
      assert.match(japanese, new RegExp(`^English: \\[${basename(file)}\\]\\(${basename(file)}\\)$`, 'm'))
      assert.ok(
        english.includes(`\n日本語: [${basename(inJapanese(file))}](${basename(inJapanese(file))})\n`),
      )
    })

    test('leads to Japanese pages where they exist, and marks links to English ones', () => {
      const unmarked = [...japanese.matchAll(/\]\(([^)\s]+\.md)(#[^)]*)?\)(（英語）)?/g)]
        .filter(([, target = '', , mark]) => {
          if (target === basename(file)) return false
          const isEnglish = !target.endsWith('.ja.md')
          return isEnglish !== (mark !== undefined)
        })
        .map(([link]) => link)
      assert.deepEqual(unmarked, [])
      // of the settings, what each accepts is there in English alone, and is linked by its heading
      const isTranslated = (link: string) => {
        const [path = '', anchor] = link.split('#')
        const page = join(dirname(file), path)
        if (path === basename(file) || !TRANSLATED.includes(page)) return false
        return anchor === undefined || anchorsOf(readFileSync(inJapanese(page), 'utf8')).has(anchor)
      }
      assert.deepEqual(linksOf(japanese).filter(isTranslated), [])
    })

    test('can be reached at the anchors of the English page, where it has any', () => {
      const headings = withoutBlocks(japanese).match(/^##+ .*$/gm) ?? []
      const ids = headings.map(heading => /^##+ <a id="([^"]+)"><\/a>/.exec(heading)?.[1])
      if (ids.every(id => id === undefined)) return
      assert.deepEqual(ids, [...anchorsOf(withoutBlocks(english).replace(/^# .*$/m, ''))])
    })

    if (file === SETTINGS) return

    test('has the blocks of code of the English page, but for their comments', () => {
      assert.deepEqual(blocksOf(japanese), blocksOf(english))
    })

    test('has the links and pictures of the English page', () => {
      assert.deepEqual(links(japanese).sort(), links(english).sort())
    })

    test('names the commands, settings and paths that the English page names', () => {
      assert.deepEqual(codeSpans(japanese), codeSpans(english))
    })

    test('leaves out no figure of the English page', () => {
      const there = new Set(figuresOf(japanese))
      assert.deepEqual(
        figuresOf(english).filter(figure => !there.has(figure)),
        [],
      )
    })

    test('has as many headings, and rows of tables, as the English page', () => {
      const shape = (page: string) =>
        withoutBlocks(page)
          .split('\n')
          .map(line => /^(#+ |\||\d\. |- |!)/.exec(line)?.[0])
          .filter(Boolean)
      assert.deepEqual(shape(japanese), shape(english))
    })
  })
}

/** One word for one thing: another spelling, or another word, and the one that these texts have. */
const VARIANTS = [
  [/(サーバ|ユーザ|ブラウザ|リゾルバ|ヘッダ|フォルダ|パラメータ)(?!ー)/, 'a long vowel at its end'],
  [/フェールオーバー|フェイルオーバ(?!ー)/, 'フェイルオーバー'],
  [/再試行(?!`)/, 'リトライ; 再送 for sending a request again'],
  [/クッキー/, 'Cookie'],
  [/(優雅|穏やか)な(停止|シャットダウン)|グレースフル(?!シャットダウン)/, 'グレースフルシャットダウン'],
  [/描画/, 'レンダリング'],
  [/接続プール/, 'コネクションプール'],
  [/死活監視|健全性(チェック|確認)/, 'ヘルスチェック'],
  [/巻き戻/, 'ロールバック'],
] as const

test('no text in Japanese has another word or spelling for what has one', () => {
  const texts = [
    ...TRANSLATED.map(inJapanese),
    ...globSync([
      'command/**/japanese.ts',
      'lib/admin/headline*.ts',
      'lib/admin/page/*.{js,html}',
      'lib/backend/expectation.ts',
      'lib/observe/events.ts',
      'lib/settings/schema/*.ts',
    ]),
  ]
  assert.ok(texts.length > 30)
  const found = texts.flatMap(file => {
    const text = readFileSync(file, 'utf8')
    return VARIANTS.flatMap(([variant, say]) => {
      const [word] = variant.exec(text) ?? []
      return word === undefined ? [] : `${file}: ${word}; say: ${say}`
    })
  })
  assert.deepEqual(found, [])
})

test('a setting has in Japanese the code and the figures that it has in English', () => {
  const english = describeSettings()
  for (const [i, { name, meaning, accepts }] of describeSettings('ja').entries()) {
    assert.match(meaning, /[\p{sc=Hira}\p{sc=Kana}\p{sc=Han}]/u, name)
    assert.deepEqual(codeSpans(meaning), codeSpans(english[i]?.meaning ?? ''), name)
    const there = new Set(figuresOf(accepts))
    assert.deepEqual(
      figuresOf(english[i]?.accepts ?? '').filter(figure => !there.has(figure)),
      [],
      name,
    )
  }
})

/** What the status page says while the faults of the runbook last. */
function onStatusPage(): Words[] {
  const [one = ''] = addresses.listed
  const all = addresses.listed.map(each => refusing(each))
  const certificate = addresses.listed.map(each => refusing(each, 'CERT_HAS_EXPIRED'))
  const failed = (status: number, code?: ErrorCode) => ({ status, isLogin: true, ...(code && { code }) })
  const unreachable = failed(502, 'BACKEND_UNREACHABLE')
  const met = (of: 'connections' | 'requests' | 'bodies') => {
    const all = bounds()
    all[of].exceededAt = NOW
    return all
  }
  const away = { refused: { address: 0, account: 0 }, store: { connected: false, outages: 1, alone: 0 } }
  const headlines = [
    headlineAfter({ failing: all }, [9, unreachable]),
    headlineAfter({ failing: all }),
    headlineAfter({ failing: [refusing(one)] }),
    headlineAfter({ failing: certificate }, [9, unreachable]),
    headlineAfter({ failing: certificate }),
    headlineAfter({ expiring: [{ name: 'https://api.dev.jp', at: new Date('2026-12-10') }] }),
    headlineAfter({ addresses: { ...addresses, stale } }),
    headlineAfter({ addresses: { listed: [], missing: [], departed: [] } }),
    headlineAfter({}, [9, {}], [1, failed(504, 'BACKEND_TIMEOUT')]),
    headlineAfter({}, [9, failed(502, 'BACKEND_BROKE_OFF')]),
    headlineAfter({}, [9, failed(503, 'BACKEND_FULL')]),
    headlineAfter({}, [9, failed(500)]),
    headlineAfter({}, [9, failed(404)]),
    headlineAfter({}, [9, failed(429, 'TOO_MANY')]),
    headlineAfter({}, [9, failed(403, 'CROSS_SITE')]),
    headlineAfter({}, [9, failed(413, 'BODY_TOO_LARGE')]),
    headlineAfter({ limit: away }),
    headlineAfter({ workers: [{ ...worker, phase: 'gone' }] }),
    ...(['connections', 'requests', 'bodies'] as const).map(of => headlineAfter({ bounds: met(of) })),
  ]
  return [
    ...headlines.map(({ text }) => text),
    EVENTS.unreachable('127.0.0.2', 'ECONNREFUSED'),
    EVENTS.unreachable('…', 'ERR_TLS_CERT_ALTNAME_INVALID'),
  ]
}

test('the runbook quotes the status page as it is, in both languages', () => {
  const page = readFileSync('docs/runbook.ja.md', 'utf8')
  const quotes = [...page.matchAll(/`([^`\n]+)`「([^」\n]+)」/g)]
  assert.ok(quotes.length > 10)
  const known = onStatusPage()
  for (const [, english = '', said = ''] of quotes) {
    // `…` at the beginning stands for which logins fail, at the end for the rest of the sentence
    const cause = /^…: (.+)$/.exec(english)?.[1]
    const start = /^(.+)…$/.exec(english)?.[1]
    const words = known.find(({ en }) =>
      cause !== undefined
        ? en.endsWith(`: ${cause}`)
        : start !== undefined
          ? en.startsWith(start)
          : en === english,
    )
    assert.ok(words, `the status page does not say: ${english}`)
    assert.equal(said, cause === undefined ? words.ja : words.ja.replace(/^[^：]+/, '…'), english)
  }
})

import { formatSize } from './kinds.ts'
import { inOrder, type Routes, shownPlace } from './routes.ts'
import type { Words } from './words.ts'

const WORDS = {
  en: {
    head: '| path | kind | to | options |',
    except: 'except',
    sets: 'sets',
    answers: 'answers with',
    timeout: 'timeout',
    body: 'body',
    pages: 'pages',
  },
  ja: {
    head: '| パス | 種類 | 転送先 | オプション |',
    except: '除外',
    sets: 'ヘッダー',
    answers: '応答ヘッダー',
    timeout: 'タイムアウト',
    body: 'ボディ',
    pages: 'ページ',
  },
}

/** The routes and named backends in Markdown, in the order in which they are matched. Of headers only the names: values may be secret. */
export function routesTable({ routes, backends }: Routes, language: keyof Words = 'en'): string {
  const words = WORDS[language]
  const separator = language === 'ja' ? '、' : ', '
  const rows = routes.toSorted(inOrder).map(each => {
    const more = [
      ...(each.except.length > 0 ? [`${words.except} ${each.except.map(shownPlace).join(separator)}`] : []),
      ...(each.host === 'backend' ? [] : [`host ${each.host}`]),
      ...(each.serverName === undefined ? [] : [`serverName ${each.serverName}`]),
      ...(each.headers.length > 0 ? [`${words.sets} ${each.headers.map(([name]) => name).join(' ')}`] : []),
      ...(each.responseHeaders.length > 0
        ? [`${words.answers} ${each.responseHeaders.map(([name]) => name).join(' ')}`]
        : []),
      `${words.timeout} ${each.timeout / 1000}s`,
      `${words.body} ${formatSize(each.maxBody)}`,
      ...(each.upgrade ? ['WebSocket'] : []),
    ]
    return `| \`${shownPlace(each)}\` | ${each.kind} | ${each.origin.origin}${each.base} | ${more.join(separator)} |`
  })
  const named = backends.map(
    ({ variable, origin }) => `| \`${variable}\` | ${words.pages} | ${origin.origin} | |`,
  )
  return [words.head, '| --- | --- | --- | --- |', ...rows, ...named].join('\n')
}

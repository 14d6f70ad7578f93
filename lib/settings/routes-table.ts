import { inOrder, type Routes, shownPlace } from './routes.ts'

/** The routes and named backends in Markdown, in the order in which they are matched. Of headers only the names: values may be secret. */
export function routesTable({ routes, backends }: Routes): string {
  const rows = [...routes].sort(inOrder).map(each => {
    const more = [
      ...(each.except.length > 0 ? [`except ${each.except.map(shownPlace).join(', ')}`] : []),
      ...(each.host === 'backend' ? [] : [`host ${each.host}`]),
      ...(each.serverName === undefined ? [] : [`serverName ${each.serverName}`]),
      ...(each.headers.length > 0 ? [`sets ${each.headers.map(([name]) => name).join(' ')}`] : []),
      ...(each.responseHeaders.length > 0
        ? [`answers with ${each.responseHeaders.map(([name]) => name).join(' ')}`]
        : []),
      `timeout ${each.timeout / 1000}s`,
      `body ${each.maxBody / 1024}kb`,
      ...(each.upgrade ? ['WebSocket'] : []),
    ]
    return `| \`${shownPlace(each)}\` | ${each.kind} | ${each.origin.origin}${each.base} | ${more.join(', ')} |`
  })
  const named = backends.map(({ variable, origin }) => `| \`${variable}\` | pages | ${origin.origin} | |`)
  return ['| path | kind | to | |', '| --- | --- | --- | --- |', ...rows, ...named].join('\n')
}

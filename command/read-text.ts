import { readFileSync } from 'node:fs'

/**
 * The text of a file, or of stdin where it is `-`. Windows PowerShell's `>` writes UTF-16, and editors there put a byte order mark
 * before UTF-8, which JSON.parse refuses; TextDecoder takes it away.
 */
export function readText(file: string): string {
  const bytes = readFileSync(file === '-' ? 0 : file)
  const isWide = bytes[0] === 0xff && bytes[1] === 0xfe
  return new TextDecoder(isWide ? 'utf-16le' : 'utf-8').decode(bytes)
}

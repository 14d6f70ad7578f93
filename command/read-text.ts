import { readFileSync } from 'node:fs'

/**
 * The text of a file, or of stdin where it is `-`. Windows PowerShell's `>` writes UTF-16, `-Encoding BigEndianUnicode` with the high byte
 * first, and editors there put a byte order mark before UTF-8, which JSON.parse refuses; TextDecoder takes it away.
 */
export function readText(file: string): string {
  const bytes = readFileSync(file === '-' ? 0 : file)
  const mark = bytes.toString('latin1', 0, 2)
  const encoding = mark === '\xff\xfe' ? 'utf-16le' : mark === '\xfe\xff' ? 'utf-16be' : 'utf-8'
  return new TextDecoder(encoding).decode(bytes)
}

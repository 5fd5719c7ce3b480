import { createHash } from 'node:crypto'
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { buffer } from 'node:stream/consumers'
import type { Readable } from 'node:stream'
import { pack, type Header } from 'tar-stream'
import type { CopyProgress } from '../../../src/contract/host.ts'
import type { Copying } from '../../../src/engine/models/copying.ts'

/** Archives and copies for tests. */

export const quietly = (signal = new AbortController().signal): Copying & { parts: CopyProgress[] } => {
  const parts: CopyProgress[] = []
  return { signal, parts, part: (progress) => parts.push(progress) }
}

export const sha256 = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** Every file below a folder by its name, with its bytes. */
export const filesBelow = (folder: string): Map<string, Buffer> =>
  new Map(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((name) => join(folder, name))
      .filter((path) => statSync(path).isFile())
      .sort()
      .map((path) => [relative(folder, path).replaceAll('\\', '/'), readFileSync(path)]),
  )

export type Item = Partial<Header> & { name: string; body?: string | Buffer }

/** A hand-made archive; headers may say what they like. */
export const archiveOf = async (path: string, items: Item[]): Promise<string> => {
  const made = pack()
  for (const { body, ...header } of items) made.entry(header, body ?? '')
  made.finalize()
  writeFileSync(path, await buffer(made as unknown as Readable))
  return path
}

/** The manifest that fits such items, as the last of them. */
export const manifestOf = (folder: string, items: Item[]): Item => ({
  name: `${folder}/otoscope.sha256`,
  body: items.map(({ name, body }) => `${sha256(body ?? '')}  ${name.slice(folder.length + 1)}\n`).join(''),
})

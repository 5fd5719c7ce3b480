import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { startCli } from '../support/cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'otoscope-loading-'))
afterAll(() => rmSync(folder, { recursive: true }))

const noteLoaded = new URL('note-loaded.ts', import.meta.url).href

/** Names of the packages that a command line loads. */
const packagesOf = async (name: string, ...words: string[]): Promise<Set<string>> => {
  const file = join(folder, name)
  const ended = await startCli(words, { env: { NODE_OPTIONS: `--import ${noteLoaded}`, LOADED: file } }).ended
  expect(ended).toMatchObject({ code: 0 })
  const loaded = readFileSync(file, 'utf8')
  expect(loaded).toContain('/src/cli/main.ts')
  return new Set([...loaded.matchAll(/.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/g)].map((match) => match[1]!))
}

const onlyWhereUsed = [
  ...['undici', '@huggingface/hub', '@huggingface/tokenizers', 'tar-stream', 'yauzl', 'ws', 'opus-decoder'],
  ...['onnxruntime-node', 'echarts', 'pdfkit', 'svg-to-pdfkit', '@resvg/resvg-js'],
]

test('a command loads no package that only the network, archives, a server or figures need', async () => {
  const listing = await packagesOf('list', 'models', 'list', '--all', '--cache', join(folder, 'cache'))
  expect(listing).toContain('better-sqlite3')
  expect(onlyWhereUsed.filter((name) => listing.has(name))).toEqual([])
})

test('saying the version opens no store', async () => {
  const version = await packagesOf('version', '--version')
  expect(['better-sqlite3', ...onlyWhereUsed].filter((name) => version.has(name))).toEqual([])
})

import { createHash } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Variant } from '../../contract/model.ts'
import type { Store } from '../store/store.ts'
import type { ModelGraph } from './model.ts'
import { mappedConfigs, readNote } from './note.ts'
import { openModel } from './open.ts'

type Remembered = Pick<Store, 'fileHash' | 'rememberFileHash'>

/** Files beside the graphs that can change a model's numbers or words; otoscope.json only where it maps the input. */
export const smallFiles = [
  'config.json',
  'preprocessor_config.json',
  'processor_config.json',
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'vocab.json',
  'merges.txt',
  'added_tokens.json',
  'special_tokens_map.json',
  'normalizer.json',
]

/** Files from this size on are looked up by (device, inode, size, mtime) before they are read. */
const bigBytes = 1 << 20

const fileHash = async (path: string, remember: Remembered | undefined): Promise<string> => {
  const big = statSync(path).size >= bigBytes
  const known = big ? remember?.fileHash(path) : null
  if (known) return known
  const hex = await contentHash(path)
  if (big) remember?.rememberFileHash(path, hex)
  return hex
}

/** One buffer for the whole file: a stream's, thrown away one after another, cost as much as the hash. */
const contentHash = async (path: string): Promise<string> => {
  const hash = createHash('sha256')
  const block = Buffer.allocUnsafe(bigBytes)
  await using file = await open(path)
  for (;;) {
    const { bytesRead } = await file.read(block, 0, block.length)
    if (bytesRead === 0) return hash.digest('hex')
    hash.update(block.subarray(0, bytesRead))
  }
}

const graphFiles = (part: string, graph: ModelGraph | undefined): [string, string][] =>
  graph
    ? [[part, graph.path], ...Array.from(graph.external, ([at, file]): [string, string] => [`${part} ${at}`, file])]
    : []

/**
 * SHA-256 in hex over the names and contents of a model's configs, tokenizer files and the graph files that the variant
 * uses (external data included); the folder's own name has no part in it. Big files' hashes are taken from `remember` where known.
 */
export const modelHash = async (folder: string, variant?: Variant, remember?: Remembered): Promise<string> => {
  const model = openModel(folder, variant)
  const files: [string, string][] = [
    ...smallFiles.map((file): [string, string] => [file, join(folder, file)]).filter(([, path]) => existsSync(path)),
    ...graphFiles('encoder', model.encoder),
    ...graphFiles('decoder', model.decoder),
    ...graphFiles('decoder with past', model.decoderWithPast),
  ]
  const all = createHash('sha256')
  const mapped = mappedConfigs(readNote(folder))
  if (mapped) all.update(`${JSON.stringify(mapped)}\n`)
  for (const [name, path] of files) all.update(`${name}\n${await fileHash(path, remember)}\n`)
  return all.digest('hex')
}

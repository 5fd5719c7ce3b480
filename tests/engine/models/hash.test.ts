import { appendFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { modelHash } from '../../../src/engine/models/hash.ts'
import { copyOf, edit, shipped, temporary } from './make-folder.ts'

let parent: string
beforeEach(() => void (parent = temporary()))
afterEach(() => rmSync(parent, { recursive: true }))

test('is the same for the same model wherever it lies', async () => {
  const hash = await modelHash(shipped('ast'))
  expect(hash).toMatch(/^[0-9a-f]{64}$/)
  expect(await modelHash(copyOf('ast', parent, 'elsewhere'))).toBe(hash)
  renameSync(join(parent, 'elsewhere', 'onnx', 'model.onnx'), join(parent, 'elsewhere', 'model.onnx'))
  expect(await modelHash(join(parent, 'elsewhere'))).toBe(hash)
})

test('changes with a config, a vocabulary or a graph, and not with what is only said of the model', async () => {
  const folder = copyOf('whisper', parent)
  const hashes = [await modelHash(folder)]
  edit(folder, 'generation_config.json', { max_length: 7 })
  hashes.push(await modelHash(folder))
  appendFileSync(join(folder, 'vocab.json'), '\n')
  hashes.push(await modelHash(folder))
  // a field of the model's doc_string: another file, the same graph
  appendFileSync(join(folder, 'onnx', 'encoder_model.onnx'), Uint8Array.of(0x32, 1, 0x21))
  hashes.push(await modelHash(folder))
  expect(new Set(hashes).size).toBe(4)
  edit(folder, 'otoscope.json', { untrained: false })
  expect(await modelHash(folder)).toBe(hashes[3])
})

test('asks for remembered hashes of big files only, and remembers new ones', async () => {
  const folder = copyOf('ast', parent)
  const model = join(folder, 'onnx', 'model.onnx')
  appendFileSync(model, Uint8Array.of(0x32, 0x80, 0x80, 0x40)) // doc_string of 1 MiB
  appendFileSync(model, Buffer.alloc(1 << 20, 0x20))
  const known = new Map<string, string>()
  const remember = {
    fileHash: (path: string) => known.get(path) ?? null,
    rememberFileHash: (path: string, hash: string) => void known.set(path, hash),
  }
  const hash = await modelHash(folder, undefined, remember)
  expect([...known.keys()]).toEqual([model])
  expect(await modelHash(folder, undefined, remember)).toBe(hash)
  known.set(model, 'another')
  expect(await modelHash(folder, undefined, remember)).not.toBe(hash)
})

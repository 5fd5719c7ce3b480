import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { exportModel } from '../../../src/engine/models/export.ts'
import { importModel } from '../../../src/engine/models/import.ts'
import { modelHash } from '../../../src/engine/models/hash.ts'
import { createRegistry, type Registry } from '../../../src/engine/models/registry.ts'
import { openStore } from '../../../src/engine/store/database.ts'
import type { Store } from '../../../src/engine/store/store.ts'
import { readGraph } from '../../../src/formats/onnx/read-graph.ts'
import { skeleton } from '../../../src/formats/onnx/skeleton.ts'
import { sourceOf } from '../../formats/onnx/build-model.ts'
import { filesBelow, quietly, sha256 } from './carried.ts'
import { copyOf, edit, handMadeFolder, shipped, temporary } from './make-folder.ts'
import { starters } from '../../support/models.ts'

let parent: string
let store: Store
let registry: Registry
beforeEach(() => {
  parent = temporary()
  store = openStore(join(parent, 'store'))
  registry = createRegistry(store, undefined, join(parent, 'data'))
})
afterEach(() => {
  store.close()
  rmSync(parent, { recursive: true })
})

const out = (name: string): string => join(parent, 'stick', name)
const carry = (reference: string, path: string, copying = quietly()): Promise<void> =>
  exportModel(reference, registry.find(reference), path, copying)
const leftovers = (): string[] => (existsSync(join(parent, 'stick')) ? readdirSync(join(parent, 'stick')) : [])

/** As the hub's cache lays a revision out: links into blobs, weights in a file of their own. */
const cached = (name: string): string => {
  const source = shipped('whisper')
  const snapshot = join(parent, 'hub', `models--somebody--${name}`, 'snapshots', 'abc')
  const blobs = join(snapshot, '..', '..', 'blobs')
  mkdirSync(blobs, { recursive: true })
  for (const [file, bytes] of filesBelow(source)) {
    const link = join(snapshot, file)
    mkdirSync(join(link, '..'), { recursive: true })
    writeFileSync(join(blobs, sha256(bytes)), bytes)
    symlinkSync(join(blobs, sha256(bytes)), link)
  }
  return snapshot
}

test('an archive is imported again under its name, with every bit of the model and where it came from', async () => {
  const { card, folder } = registry.find(starters.whisper)
  const hub = { repo: `somebody/${starters.whisper}`, revision: 'abc' }
  await exportModel(starters.whisper, { card: { ...card, hub }, folder }, out('whisper.tar'), quietly())
  expect(leftovers()).toEqual(['whisper.tar'])
  const copying = quietly()
  const imported = await importModel(out('whisper.tar'), registry, copying)
  expect(imported).toMatchObject({
    id: `${starters.whisper}-2`,
    origin: 'imported',
    untrained: card.untrained,
    licence: 'CC0-1.0',
  })
  const found = registry.find(`${starters.whisper}-2`).folder
  expect(found).toBe(join(parent, 'data', 'models', `${starters.whisper}-2`))
  expect(await modelHash(found)).toBe(await modelHash(shipped('whisper')))
  expect(JSON.parse(readFileSync(join(found, 'otoscope.json'), 'utf8'))).toMatchObject({
    untrained: card.untrained,
    licence: 'CC0-1.0',
    hub,
  })
  expect(readdirSync(join(parent, 'data'))).toEqual(['models'])
  const { bytes, total } = copying.parts.at(-1)!
  expect(bytes).toBeGreaterThan(card.bytes)
  expect(bytes).toBeLessThanOrEqual(total)
})

test('a folder is a model by itself, told as it is copied, and sha256sum agrees with its manifest', async () => {
  const copying = quietly()
  await carry(starters.wav2vec2, out('usb'), copying)
  expect(await modelHash(out('usb'))).toBe(await modelHash(shipped('wav2vec2')))
  expect(copying.parts.at(-1)!.bytes).toBe(copying.parts.at(-1)!.total)
  expect(new Set(copying.parts.map(({ file }) => file))).toContain('onnx/model.onnx')
  if (process.platform === 'linux')
    execFileSync('sha256sum', ['--check', '--strict', '--quiet', 'otoscope.sha256'], { cwd: out('usb') })
  const imported = await importModel(out('usb'), registry, quietly())
  expect(registry.find(imported.id).folder).toBe(out('usb'))
})

test("links of Hugging Face's cache are followed, and only what the model needs goes along", async () => {
  const folder = cached('whisper-links')
  for (const [name, text] of [
    ['README.md', 'a model'],
    ['LICENSE', 'free'],
    ['pytorch_model.bin', 'other weights'],
    ['model.safetensors.index.json', '{}'],
    ['.gitattributes', ''],
    ['onnx/decoder_model_merged.onnx', 'not for us'],
  ] as const)
    writeFileSync(join(folder, name), text)
  await carry(folder, out('usb'))
  await carry(folder, out('usb.tar'))
  const names = [...filesBelow(out('usb')).keys()]
  // its README.md stands where the model's own card was
  expect(names).toEqual([...filesBelow(shipped('whisper')).keys(), 'LICENSE', 'otoscope.sha256'].sort())
  const { id } = await importModel(out('usb.tar'), registry, quietly())
  expect(id).toBe('whisper-links')
  const unpacked = filesBelow(registry.find(id).folder)
  expect([...unpacked.keys()]).toEqual(names.filter((name) => name !== 'otoscope.sha256'))
  for (const [name, bytes] of filesBelow(out('usb')))
    if (unpacked.has(name)) expect(unpacked.get(name)?.equals(bytes), name).toBe(true)
})

test('weights in a file beside the graph go along, and those outside the folder do not', async () => {
  const folder = handMadeFolder(parent)
  const path = join(folder, 'onnx', 'model.onnx')
  const stock = new Uint8Array(readFileSync(path))
  const keepIn = (location: string): void => {
    const graph = readGraph(sourceOf(stock))
    for (const weight of graph.initializers.values()) if (weight.dims.length === 2) weight.data.location = location
    writeFileSync(path, skeleton(graph, sourceOf(stock), { outputs: [], weightsFile: (at) => at ?? '' }))
  }
  keepIn('some-weights.bin')
  writeFileSync(join(folder, 'onnx', 'some-weights.bin'), stock)
  await carry(folder, out('usb'))
  expect([...filesBelow(out('usb')).keys()]).toContain('onnx/some-weights.bin')
  expect(await modelHash(out('usb'))).toBe(await modelHash(folder))
  for (const outside of ['../../secret', '/etc/passwd', 'gone.bin']) {
    keepIn(outside)
    await expect(carry(folder, out('none')), outside).rejects.toMatchObject({ code: 'bad-model' })
  }
})

test('every variant goes along, and one alone where it is named', async () => {
  const folder = copyOf('wav2vec2', parent, 'mine')
  renameSync(join(folder, 'onnx', 'model.onnx'), join(folder, 'onnx', 'model_fp16.onnx'))
  const whole = readFileSync(join(shipped('wav2vec2'), 'onnx', 'model.onnx'))
  writeFileSync(join(folder, 'onnx', 'model.onnx'), whole)
  await carry(folder, out('both'))
  await carry(`${folder}:fp16`, out('half'))
  const graphs = (name: string) => [...filesBelow(out(name)).keys()].filter((file) => file.startsWith('onnx/'))
  expect(graphs('both')).toEqual(['onnx/model.onnx', 'onnx/model_fp16.onnx'])
  expect(graphs('half')).toEqual(['onnx/model_fp16.onnx'])
})

test('two exports of one model are the same bytes', async () => {
  await carry(starters.ast, out('a.tar'))
  await carry(starters.ast, out('b.tar'))
  expect(readFileSync(out('a.tar')).equals(readFileSync(out('b.tar')))).toBe(true)
})

test('an output that exists is left as it is', async () => {
  mkdirSync(out('full'), { recursive: true })
  writeFileSync(out('x.tar'), 'mine')
  await expect(carry(starters.ast, out('full'))).rejects.toThrow(/full is there already/)
  await expect(carry(starters.ast, out('x.tar'))).rejects.toMatchObject({ code: 'cannot-write' })
  expect(readFileSync(out('x.tar'), 'utf8')).toBe('mine')
  await expect(carry(starters.ast, join(out('x.tar'), 'below.tar'))).rejects.toMatchObject({ code: 'cannot-write' })
  expect(leftovers()).toEqual(['full', 'x.tar'])
})

test.each(['usb', 'usb.tar'])('nothing is left of an export to %s that is cancelled midway', async (name) => {
  const controller = new AbortController()
  const copying = {
    signal: controller.signal,
    part: ({ file }: { file: string }) => file === 'onnx/encoder_model.onnx' && controller.abort(),
  }
  await expect(exportModel(starters.whisper, registry.find(starters.whisper), out(name), copying)).rejects.toThrow(
    expect.objectContaining({ name: 'AbortError' }),
  )
  expect(existsSync(join(parent, 'stick'))).toBe(false)
})

test.each(['usb', 'usb.tar'])(
  'a file that grows while it is copied to %s is told, and nothing is left',
  async (name) => {
    const folder = copyOf('ast', parent, 'growing')
    const found = registry.find(folder)
    let grown = false
    const part = (): void => {
      if (!grown) appendFileSync(join(folder, 'onnx', 'model.onnx'), 'more')
      grown = true
    }
    const failed = exportModel('growing', found, out(name), { ...quietly(), part })
    await expect(failed).rejects.toThrow('onnx/model.onnx changed while it was copied')
    expect(existsSync(join(parent, 'stick'))).toBe(false)
  },
)

test('a model larger than the disk is refused before a byte is written', async () => {
  const folder = copyOf('ast', parent, 'huge')
  writeFileSync(join(folder, 'README.md'), '')
  truncateSync(join(folder, 'README.md'), 8e12)
  await expect(carry(folder, out('huge.tar'))).rejects.toMatchObject({ code: 'no-space' })
  expect(leftovers()).toEqual([])
})

test('a folder that was damaged on the way is told with the name of the file', async () => {
  await carry(starters.wav2vec2, out('usb'))
  const graph = join(out('usb'), 'onnx', 'model.onnx')
  const bytes = readFileSync(graph)
  bytes[bytes.length >> 1]! ^= 1
  writeFileSync(graph, bytes)
  const failed = importModel(out('usb'), registry, quietly())
  await expect(failed).rejects.toThrow('onnx/model.onnx of usb is damaged')
  await expect(failed).rejects.toMatchObject({ code: 'bad-download' })
  rmSync(join(out('usb'), 'vocab.json'))
  await expect(importModel(out('usb'), registry, quietly())).rejects.toThrow('vocab.json of usb is missing')
  expect(store.importedModels()).toEqual([])
})

test('what is not there, or no model, is not exported', async () => {
  const folder = copyOf('ast', parent, 'broken')
  writeFileSync(join(folder, 'onnx', 'model.onnx'), 'no graph')
  await expect(carry(folder, out('x.tar'))).rejects.toMatchObject({ code: 'bad-model' })
  edit(folder, 'otoscope.json', { untrained: 'perhaps' })
  rmSync(join(folder, 'onnx', 'model.onnx'))
  expect(() => registry.find(folder)).toThrow('has no model.onnx')
  expect(leftovers()).toEqual([])
})

import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { exportModel } from '../../../src/engine/models/export.ts'
import { importModel } from '../../../src/engine/models/import.ts'
import { createRegistry, type Registry } from '../../../src/engine/models/registry.ts'
import { openStore } from '../../../src/engine/store/database.ts'
import type { Store } from '../../../src/engine/store/store.ts'
import { archiveOf, filesBelow, manifestOf, quietly, type Item } from './carried.ts'
import { copyOf, shipped, temporary } from './make-folder.ts'
import { starters } from '../../support/models.ts'

/** An archive that was exported, then damaged or made up: nothing of it may be left, and nothing outside its place is touched. */

let folder: string
let good: string
beforeAll(async () => {
  folder = temporary()
  good = join(folder, 'good.tar')
  const store = openStore(join(folder, 'store'))
  await exportModel(starters.wav2vec2, createRegistry(store).find(starters.wav2vec2), good, quietly())
  store.close()
})
afterAll(() => rmSync(folder, { recursive: true }))

let parent: string
let store: Store
let registry: Registry
beforeEach(() => {
  parent = temporary()
  store = openStore(join(parent, 'store'))
  registry = createRegistry(store, join(parent, 'none'), join(parent, 'data'))
})
afterEach(() => {
  store.close()
  rmSync(parent, { recursive: true })
})

const expectRefused = async (path: string, code: string, sentence: RegExp | string): Promise<void> => {
  const failed = importModel(path, registry, quietly())
  await expect(failed).rejects.toThrow(sentence)
  await expect(failed).rejects.toMatchObject({ code })
  expect(existsSync(join(parent, 'data')) ? readdirSync(join(parent, 'data')) : []).toEqual([])
  expect(registry.list()).toEqual([])
}

/** The files of a model that can be opened, in an archive of items of our own. */
const model = (top = 'mine'): Item[] =>
  [...filesBelow(shipped('ast'))].map(([name, body]) => ({ name: `${top}/${name}`, body }))
const withManifest = (items: Item[], top = 'mine'): Item[] => [...items, manifestOf(top, items)]
const made = (items: Item[]): Promise<string> => archiveOf(join(parent, 'made.tar'), items)

test('a graph file stands for the model folder that it is part of, and alone for none', async () => {
  const folder = copyOf('ast', parent)
  const { id } = await importModel(join(folder, 'onnx', 'model.onnx'), registry, quietly())
  expect(id).toBe('ast')
  expect(registry.find('ast').folder).toBe(folder)
  rmSync(join(folder, 'config.json'))
  const alone = importModel(join(folder, 'onnx', 'model.onnx'), registry, quietly())
  await expect(alone).rejects.toThrow('model.onnx stands alone: the config.json of its model')
})

test('a hand-made archive of the right shape is imported, twice under two names, and removed with its files', async () => {
  const path = await made(withManifest(model()))
  expect((await importModel(path, registry, quietly())).id).toBe('mine')
  expect((await importModel(path, registry, quietly())).id).toBe('mine-2')
  expect(registry.list().map(({ id }) => id)).toEqual(['mine', 'mine-2'])
  registry.remove('mine')
  expect(readdirSync(join(parent, 'data', 'models'))).toEqual(['mine-2'])
  expect(readdirSync(join(parent, 'data'))).toEqual(['models'])
  expect(registry.list().map(({ id }) => id)).toEqual(['mine-2'])
})

test('one flipped bit of a weight is told with the name of the file', async () => {
  const bytes = readFileSync(good)
  bytes[bytes.indexOf('onnx/model.onnx') + 100_000]! ^= 4
  const path = join(parent, 'flipped.tar')
  writeFileSync(path, bytes)
  await expectRefused(path, 'bad-download', 'flipped.tar cannot be imported: onnx/model.onnx in it is damaged')
})

test('a flipped bit in a header or in the manifest is told as well', async () => {
  for (const [at, change] of [
    [readFileSync(good).indexOf('onnx/model.onnx'), 1],
    [readFileSync(good).lastIndexOf('  onnx/model.onnx') - 3, 1],
  ] as const) {
    const bytes = readFileSync(good)
    bytes[at]! ^= change
    const path = join(parent, 'flipped.tar')
    writeFileSync(path, bytes)
    await expectRefused(path, 'bad-download', /flipped\.tar cannot be imported/)
  }
})

test('an archive cut short anywhere is refused', async () => {
  const whole = readFileSync(good)
  const manifest = whole.indexOf(`${starters.wav2vec2}/otoscope.sha256`)
  const graph = whole.indexOf(`${starters.wav2vec2}/onnx/model.onnx`)
  const path = join(parent, 'short.tar')
  for (const length of [300, graph, graph + 200, graph + 512 + 1000, manifest, manifest + 100, manifest + 600]) {
    writeFileSync(path, whole.subarray(0, length))
    await expect(importModel(path, registry, quietly()), String(length)).rejects.toMatchObject({
      code: length === 300 ? 'bad-model' : 'bad-download',
    })
    expect(readdirSync(join(parent, 'data')), String(length)).toEqual([])
  }
  await expectRefused(
    path,
    'bad-download',
    'short.tar cannot be imported: it is damaged or cut short in or after otoscope.sha256',
  )
})

test('what is no archive is refused', async () => {
  const path = join(parent, 'x.tar')
  for (const bytes of ['', 'a text', gzipSync(readFileSync(good)), Buffer.alloc(10_240), Buffer.alloc(4096, 7)]) {
    writeFileSync(path, bytes)
    await expectRefused(path, 'bad-model', /x\.tar cannot be imported: it is no archive/)
  }
  await expect(importModel(join(parent, 'gone.tar'), registry, quietly())).rejects.toMatchObject({ code: 'not-found' })
})

test.each<[string, Item]>([
  ['an absolute name', { name: '/tmp/evil' }],
  ['a name that climbs', { name: 'mine/../../evil' }],
  ['a name that climbs at once', { name: '../evil' }],
  ['a name that climbs with backslashes', { name: 'mine\\..\\..\\evil' }],
  ['a drive', { name: 'C:/evil' }],
  ['a name with a colon', { name: 'mine/a:b' }],
  ['a dot', { name: './mine/a' }],
  ['an empty part', { name: 'mine//a' }],
  ['a hidden file', { name: 'mine/.bashrc' }],
  ['a control character', { name: 'mine/a\u001b[31m' }],
  ["a device of Windows'", { name: 'mine/nul.json' }],
  ['a trailing dot', { name: 'mine/a.' }],
  ['a file beside the folder', { name: 'evil' }],
  ['a second folder', { name: 'other/config.json' }],
  ['a folder named as an option', { name: '-rf/config.json' }],
  ['a very long name', { name: `mine/${'a'.repeat(300)}` }],
  ['a symbolic link', { name: 'mine/link', type: 'symlink', linkname: '/etc' }],
  ['a hard link', { name: 'mine/link', type: 'link', linkname: '/etc/passwd' }],
  ['a device', { name: 'mine/disk', type: 'block-device', devmajor: 8 }],
  ['a character device', { name: 'mine/null', type: 'character-device' }],
  ['a pipe', { name: 'mine/pipe', type: 'fifo' }],
  ['a folder', { name: 'mine/onnx/', type: 'directory' }],
  ['a name twice', { name: 'mine/config.json' }],
  ['a name twice but for capitals', { name: 'mine/Config.JSON' }],
  ['a file where a folder is', { name: 'mine/onnx' }],
  ['a folder where a file is', { name: 'mine/config.json/a' }],
])('%s in an archive is refused', async (_what, item) => {
  const safe = model()
  const order = /^(mine|\/tmp|\.\.)/.test(item.name) ? [...safe, item] : [...safe.slice(0, 1), item]
  await expectRefused(await made(withManifest(order)), 'bad-model', /the archive is refused: /)
  expect(existsSync(join(parent, 'evil'))).toBe(false)
})

test('an archive that leads outside first is refused before it writes there', async () => {
  mkdirSync(join(parent, 'target'))
  const items = [
    { name: 'mine', type: 'symlink' as const, linkname: join(parent, 'target') },
    { name: 'mine/config.json', body: '{}' },
  ]
  await expectRefused(await made(items), 'bad-model', 'is a symlink, and a model is plain files')
  expect(readdirSync(join(parent, 'target'))).toEqual([])
})

test('headers of any size are refused, and so is a manifest that is no list', async () => {
  const long = { name: `mine/${'a'.repeat(6e6)}` }
  await expectRefused(await made([long]), 'bad-model', /no archive/)
  const large = { name: 'mine/otoscope.sha256', body: Buffer.alloc(2e6, 97) }
  await expectRefused(await made([...model(), large]), 'bad-model', 'too large')
  const nonsense = { name: 'mine/otoscope.sha256', body: 'nonsense\n' }
  await expectRefused(await made([...model(), nonsense]), 'bad-download', 'otoscope.sha256 is damaged')
})

test('files the manifest lacks, or names in vain, are refused', async () => {
  const items = model()
  await expectRefused(await made([...items, manifestOf('mine', items.slice(1))]), 'bad-model', 'is not named in its')
  await expectRefused(await made([...items.slice(1), manifestOf('mine', items)]), 'bad-download', 'in it is missing')
  await expectRefused(await made(items), 'bad-download', 'its end is missing')
})

test('an archive of something else than a model is refused', async () => {
  const items = [{ name: 'mine/config.json', body: '{"model_type":"bert"}' }]
  await expectRefused(await made(withManifest(items)), 'bad-model', 'unknown model type')
})

test('nothing is left of an import that is cancelled midway', async () => {
  const controller = new AbortController()
  const copying = {
    signal: controller.signal,
    part: ({ file }: { file: string }) => file.endsWith('.onnx') && controller.abort(),
  }
  await expect(importModel(good, registry, copying)).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }))
  expect(readdirSync(join(parent, 'data'))).toEqual([])
})

test('an archive larger than the disk is refused before a byte is written', async () => {
  const path = join(parent, 'huge.tar')
  writeFileSync(path, '')
  truncateSync(path, 8e12)
  await expectRefused(path, 'no-space', 'are needed')
})

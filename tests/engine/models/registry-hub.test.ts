import { cpSync, mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { cachedModels } from '../../../src/engine/models/hub/cached.ts'
import { createKnownModels } from '../../../src/engine/models/known.ts'
import { createRegistry, type Registry } from '../../../src/engine/models/registry.ts'
import { openStore } from '../../../src/engine/store/database.ts'
import type { Store } from '../../../src/engine/store/store.ts'
import { copyOf, edit, shipped, temporary } from './make-folder.ts'

/** Models that Python, or Otoscope earlier, left in Hugging Face's cache: nobody is asked about them. */

let parent: string
let cache: string
let store: Store
let registry: Registry
beforeEach(() => {
  parent = temporary()
  cache = join(parent, 'hub')
  store = openStore(join(parent, 'store'))
  registry = createRegistry(store, join(parent, 'none'), join(parent, 'own'), () => cachedModels(cache))
})
afterEach(() => {
  store.close()
  rmSync(parent, { recursive: true })
})

const commit = (letter: string): string => letter.repeat(40)

const put = (repo: string, letter: string, ref?: string, id: 'ast' | 'whisper' | 'wav2vec2' = 'ast'): string => {
  const folder = join(cache, `models--${repo.replace('/', '--')}`)
  const snapshot = join(folder, 'snapshots', commit(letter))
  mkdirSync(join(folder, 'refs'), { recursive: true })
  cpSync(shipped(id), snapshot, { recursive: true })
  if (ref) writeFileSync(join(folder, 'refs', ref), commit(letter))
  return snapshot
}

test('is listed under the catalogue’s name, or as owner/name, with its commit and licence', () => {
  // without a card of its own the catalogue's licence holds
  rmSync(join(put('onnx-community/whisper-tiny', 'a', 'main', 'whisper'), 'README.md'))
  const snapshot = put('some/ast', 'b', 'main')
  writeFileSync(join(snapshot, 'README.md'), '---\nlanguage: en\nlicense: "cc-by-4.0"\n---\nlicense: not this\n')
  const seen = registry.list().map(({ id, origin, hub, licence }) => [id, origin, hub, licence])
  expect(seen).toEqual([
    ['whisper-tiny', 'hub', { repo: 'onnx-community/whisper-tiny', revision: commit('a') }, 'apache-2.0'],
    ['some/ast', 'hub', { repo: 'some/ast', revision: commit('b') }, 'cc-by-4.0'],
  ])
})

test('is found by either name, also for another of its variants, by calls that take no path', () => {
  const snapshot = put('onnx-community/whisper-tiny', 'a', 'main', 'whisper')
  for (const part of ['encoder_model', 'decoder_model'])
    cpSync(join(snapshot, 'onnx', `${part}.onnx`), join(snapshot, 'onnx', `${part}_fp16.onnx`))
  const models = createKnownModels(registry)
  for (const name of ['whisper-tiny', 'onnx-community/whisper-tiny', 'ONNX-Community/whisper-tiny']) {
    expect(models.find(name)).toMatchObject({ folder: snapshot, card: { id: 'whisper-tiny', family: 'whisper' } })
    expect(models.open(name).card.origin).toBe('hub')
  }
  expect(models.find('whisper-tiny:fp16').card).toMatchObject({ id: 'whisper-tiny:fp16', variant: 'fp16' })
  expect(registry.find(snapshot).card.id).toBe('whisper-tiny')
})

test('main’s commit is opened, else the latest that is whole', () => {
  const old = put('some/ast', 'a', 'v1')
  const latest = put('some/ast', 'b')
  utimesSync(old, 1, 1)
  expect(registry.find('some/ast').folder).toBe(latest)
  const main = put('some/ast', 'c', 'main')
  utimesSync(main, 1, 1)
  expect(registry.find('some/ast').folder).toBe(main)
  rmSync(join(main, 'onnx'), { recursive: true })
  expect(registry.find('some/ast').folder).toBe(latest)
})

test('what is no model of a known family is passed over', () => {
  edit(put('some/bert', 'a', 'main'), 'config.json', { model_type: 'bert' })
  rmSync(join(put('some/torch', 'b', 'main'), 'onnx'), { recursive: true })
  writeFileSync(join(put('some/odd', 'c', 'main'), 'config.json'), '{')
  mkdirSync(join(cache, 'models--some--empty'))
  mkdirSync(join(cache, 'datasets--some--sounds', 'snapshots', commit('a')), { recursive: true })
  mkdirSync(join(cache, 'models--..--etc', 'snapshots'), { recursive: true })
  writeFileSync(join(cache, 'CACHEDIR.TAG'), '')
  writeFileSync(join(cache, 'models--some--file'), '')
  expect(registry.list()).toEqual([])
})

test('a name that is taken goes to the model that had it, and the cached one keeps owner/name', () => {
  put('onnx-community/whisper-tiny', 'a', 'main', 'whisper')
  registry.import(copyOf('whisper', parent, 'mine'))
  renameSync(join(parent, 'mine'), join(parent, 'whisper-tiny'))
  store.removeModel('mine')
  store.importModel('whisper-tiny', join(parent, 'whisper-tiny'))
  expect(registry.list().map(({ id, origin }) => [id, origin])).toEqual([
    ['whisper-tiny', 'imported'],
    ['onnx-community/whisper-tiny', 'hub'],
  ])
  expect(registry.find('onnx-community/whisper-tiny').card.origin).toBe('hub')
})

test('a model of the catalogue that is not here says how to get it', () => {
  for (const name of ['whisper-tiny', 'Xenova/wav2vec2-base-960h'])
    for (const find of [registry.find, registry.known, createKnownModels(registry).open])
      expect(() => find(name)).toThrow(`${name} is not here yet: otoscope models pull ${name}`)
  expect(() => registry.find('some/model')).toThrow(
    'there is no model folder some/model; if it is a model of the hub: otoscope models pull some/model',
  )
  expect(() => registry.known('some/model')).toThrow('there is no model some/model')
})

test('a model that vanished while the program runs is gone from the list', () => {
  const snapshot = put('some/ast', 'a', 'main')
  expect(registry.list()).toHaveLength(1)
  rmSync(join(snapshot, 'onnx', 'model.onnx'))
  expect(registry.list()).toEqual([])
})

test('a model that gets its graphs while the program runs is found, however long it lay without', () => {
  const snapshot = put('some/ast', 'a', 'main')
  const onnx = join(snapshot, 'onnx')
  renameSync(join(onnx, 'model.onnx'), join(parent, 'model.onnx'))
  for (const folder of [onnx, snapshot]) utimesSync(folder, 1, 1)
  expect([registry.list(), registry.list()]).toEqual([[], []])
  renameSync(join(parent, 'model.onnx'), join(onnx, 'model.onnx'))
  expect(registry.list().map(({ id }) => id)).toEqual(['some/ast'])
})

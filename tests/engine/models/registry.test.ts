import { cpSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createKnownModels } from '../../../src/engine/models/known.ts'
import { createRegistry } from '../../../src/engine/models/registry.ts'
import { openStore } from '../../../src/engine/store/database.ts'
import type { Store } from '../../../src/engine/store/store.ts'
import { copyOf, shipped, temporary } from './make-folder.ts'
import { starters } from '../../support/models.ts'

let parent: string
let store: Store
beforeEach(() => {
  parent = temporary()
  store = openStore(join(parent, 'store'))
})
afterEach(() => {
  store.close()
  rmSync(parent, { recursive: true })
})

test('lists what is shipped', () => {
  const ids = createRegistry(store)
    .list()
    .map((card) => [card.id, card.origin, card.untrained])
  expect(ids).toEqual([
    [starters.ast, 'shipped', false],
    [starters.wav2vec2, 'shipped', false],
    [starters.whisper, 'shipped', false],
  ])
})

test('finds by id, and any folder by its path', () => {
  const registry = createRegistry(store)
  expect(registry.find(starters.ast).card).toMatchObject({ family: 'ast', origin: 'shipped' })
  const folder = copyOf('ast', parent, 'mine')
  expect(registry.find(folder)).toMatchObject({ folder, card: { id: 'mine', origin: 'folder' } })
  expect(registry.find(shipped('ast')).card).toMatchObject({ id: starters.ast, origin: 'shipped' })
  expect(registry.find(starters.whisper).card).toMatchObject({ id: starters.whisper, family: 'whisper' })
})

test('a reference names a variant after its last colon', () => {
  const registry = createRegistry(store)
  const folder = copyOf('ast', parent, 'mine')
  cpSync(join(folder, 'onnx', 'model.onnx'), join(folder, 'onnx', 'model_quantized.onnx'))
  expect(registry.find(folder).card).toMatchObject({ id: 'mine', variant: 'fp32', variants: ['fp32', 'q8'] })
  expect(registry.find(`${folder}:q8`)).toMatchObject({ folder, card: { id: 'mine:q8', variant: 'q8' } })
  expect(registry.find(`${folder}:fp32`).card).toMatchObject({ id: 'mine', variant: 'fp32' })
  expect(() => registry.find(`${starters.ast}:fp16`)).toThrow(`${starters.ast} has no model_fp16.onnx`)
  const known = createKnownModels(registry)
  expect(known.open(`${folder}:q8`).card).toMatchObject({ id: 'mine:q8', variant: 'q8', type: 'classifier' })
  expect(known.find('mine:q8').card.variant).toBe('q8')
  expect(known.find('mine').card.variant).toBe('fp32')
  expect(known.list().filter((card) => card.id.startsWith('mine'))).toHaveLength(1)
  registry.import(folder)
  expect(createKnownModels(registry).open('mine:q8').card).toMatchObject({ id: 'mine:q8', origin: 'imported' })
})

test('imports folders under names of their own, once each', () => {
  const registry = createRegistry(store)
  const first = copyOf('ast', parent, starters.ast)
  mkdirSync(join(parent, 'other'))
  const second = copyOf('wav2vec2', join(parent, 'other'), starters.ast)
  expect(registry.import(first)).toMatchObject({ id: `${starters.ast}-2`, origin: 'imported' })
  expect(registry.import(second).id).toBe(`${starters.ast}-3`)
  expect(registry.import(first).id).toBe(`${starters.ast}-2`)
  expect(registry.list()).toHaveLength(5)
  expect(registry.find(`${starters.ast}-3`).card).toMatchObject({ id: `${starters.ast}-3`, family: 'wav2vec2' })
})

test('removes what was imported, and nothing else', () => {
  const registry = createRegistry(store)
  registry.import(copyOf('ast', parent, 'mine'))
  registry.remove('mine')
  expect(registry.list()).toHaveLength(3)
  expect(() => registry.remove('mine')).toThrow('there is no model mine')
  expect(() => registry.remove(starters.ast)).toThrow('came with Otoscope')
})

test('an imported folder that is gone leaves the list, and finding it says so', () => {
  const registry = createRegistry(store)
  const folder = copyOf('ast', parent, 'mine')
  registry.import(folder)
  rmSync(folder, { recursive: true })
  expect(registry.list()).toHaveLength(3)
  expect(() => registry.find('mine')).toThrow(/there is no model folder/)
})

test('a name nobody knows is answered with those that are known', () => {
  const registry = createRegistry(store)
  expect(() => registry.find('whisper')).toThrow(
    `there is no model whisper; known are ${starters.ast}, ${starters.wav2vec2}, ${starters.whisper}, or a folder`,
  )
  expect(() => registry.find('./whisper')).toThrow('there is no model folder ./whisper')
  expect(() => createRegistry(store, join(parent, 'none')).find('x')).toThrow('known are none')
})

test('what is no model is not imported', () => {
  const folder = copyOf('ast', parent, 'broken')
  rmSync(join(folder, 'onnx', 'model.onnx'))
  expect(() => createRegistry(store).import(folder)).toThrow('broken has no model.onnx')
  expect(store.importedModels()).toEqual([])
})

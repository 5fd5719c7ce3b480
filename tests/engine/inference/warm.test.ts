import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { coolDown, warmModel, type WarmKey } from '../../../src/engine/inference/warm.ts'
import { resource } from '../../../src/engine/paths.ts'

const parent = mkdtempSync(join(tmpdir(), 'otoscope-warm-'))
afterEach(coolDown)
afterAll(() => rmSync(parent, { recursive: true, force: true }))

const key = (model: string, memory?: WarmKey['memory']): WarmKey => ({
  modelFolder: resource('models', model),
  modelVariant: 'fp32',
  modelHash: model,
  provider: 'cpu',
  threads: 1,
  memory,
})
const warm = (model: string, memory?: WarmKey['memory']) => warmModel(key(model, memory), parent)

describe('a loaded model', () => {
  test('is kept beside the one that was used last, and no longer', () => {
    const first = warm('ast-untrained')
    warm('wav2vec2-untrained')
    expect(warm('ast-untrained')).toBe(first)
    warm('wav2vec2-untrained')
    warm('whisper-untrained')
    expect(warm('ast-untrained')).not.toBe(first)
  })

  test('is released before another is loaded where memory is short for both', () => {
    const first = warm('ast-untrained')
    warm('wav2vec2-untrained', { needed: 1e6, limit: 1e12 })
    expect(warm('ast-untrained')).toBe(first)
    warm('wav2vec2-untrained', { needed: 1e9, limit: 1e9 })
    expect(warm('ast-untrained')).not.toBe(first)
  })

  test('is not released for its own sake', () => {
    const first = warm('ast-untrained')
    expect(warm('ast-untrained', { needed: 1e9, limit: 1e9 })).toBe(first)
  })

  test('is released before it is loaded on another provider: both at once would take twice the memory', () => {
    const first = warm('ast-untrained')
    warmModel({ ...key('ast-untrained'), provider: 'webgpu' }, parent)
    expect(warm('ast-untrained')).not.toBe(first)
  })
})

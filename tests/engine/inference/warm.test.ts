import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { coolDown, warmModel, type WarmKey } from '../../../src/engine/inference/warm.ts'
import { resource } from '../../../src/engine/paths.ts'
import { starters } from '../../support/models.ts'

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
    const first = warm(starters.ast)
    warm(starters.wav2vec2)
    expect(warm(starters.ast)).toBe(first)
    warm(starters.wav2vec2)
    warm(starters.whisper)
    expect(warm(starters.ast)).not.toBe(first)
  })

  test('is released before another is loaded where memory is short for both', () => {
    const first = warm(starters.ast)
    warm(starters.wav2vec2, { needed: 1e6, limit: 1e12 })
    expect(warm(starters.ast)).toBe(first)
    warm(starters.wav2vec2, { needed: 1e9, limit: 1e9 })
    expect(warm(starters.ast)).not.toBe(first)
  })

  test('is not released for its own sake', () => {
    const first = warm(starters.ast)
    expect(warm(starters.ast, { needed: 1e9, limit: 1e9 })).toBe(first)
  })

  test('is released before it is loaded on another provider: both at once would take twice the memory', () => {
    const first = warm(starters.ast)
    warmModel({ ...key(starters.ast), provider: 'webgpu' }, parent)
    expect(warm(starters.ast)).not.toBe(first)
  })
})

import { describe, expect, it } from 'vitest'
import type { Run } from '../../../src/contract/run.ts'
import { siteOf, spansOf, stepsShown } from '../../../src/renderer/panes/site.ts'

const stack = { layers: 4, heads: 6, width: 384 }
const grid = { start: 1, step: 0.02, width: 0.025, count: 1500, valid: 250 }
const whisper = {
  encoder: stack,
  decoder: { ...stack, layers: 2 },
  region: [1, 6],
  grids: { features: grid, encoder: grid },
} as unknown as Run
const ast = {
  encoder: stack,
  region: [0, 5],
  grids: { features: grid, encoder: { time: { ...grid, count: 101 }, bands: 12, special: 2 } },
} as unknown as Run
const wanted = {
  kind: 'cross',
  layer: null,
  head: 'mean',
  extent: 'region',
  weights: 'raw',
  audioOnly: false,
  contrast: 'log',
  curves: true,
} as const

describe('which attention is shown', () => {
  it('is the last layer unless one is chosen', () => {
    expect(siteOf(wanted, whisper)).toMatchObject({ kind: 'cross', layer: 1, tap: 'cross.attention.1', heads: 'mean' })
    expect(siteOf({ ...wanted, layer: 0 }, whisper)?.tap).toBe('cross.attention.0')
  })
  it('falls back to what the model has', () => {
    expect(siteOf(wanted, ast)?.tap).toBe('encoder.attention.3')
    expect(siteOf({ ...wanted, kind: 'encoder', layer: 11, head: 9 }, ast)).toMatchObject({ layer: 3, heads: 'mean' })
  })
  it('covers the region, the first 200 steps, or everything', () => {
    expect(stepsShown({ extent: 'region', audioOnly: false }, whisper)).toEqual({ unit: 'step', range: [0, 250] })
    expect(stepsShown({ extent: 'steps', audioOnly: false }, whisper)).toEqual({ unit: 'step', range: [0, 200] })
    expect(stepsShown({ extent: 'steps', audioOnly: false }, ast)).toEqual({ unit: 'step', range: [0, 101] })
    expect(stepsShown({ extent: 'all', audioOnly: false }, ast)).toEqual({ unit: 'all' })
  })
  it('takes all tokens where a side is tokens', () => {
    expect(spansOf(siteOf(wanted, whisper)!, { extent: 'region', audioOnly: false }, whisper)).toEqual({
      queries: { unit: 'all' },
      keys: { unit: 'step', range: [0, 250] },
    })
  })
})

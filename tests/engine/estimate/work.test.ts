import { describe, expect, test } from 'vitest'
import { RunOptions } from '../../../src/contract/run.ts'
import { runShapes } from '../../../src/engine/estimate/run-shapes.ts'
import { workOf } from '../../../src/engine/estimate/work.ts'
import type { Model } from '../../../src/engine/models/model.ts'
import { openModel } from '../../../src/engine/models/open.ts'
import { resource } from '../../../src/engine/paths.ts'
import { starters } from '../../support/models.ts'

const shipped = (family: keyof typeof starters): Model => openModel(resource('models', starters[family]))
const work = (model: Model, seconds: number, tokens = 0) =>
  workOf(model, runShapes(model, 16_000 * seconds, RunOptions.parse({})), tokens)

/** Of a layer: four projections and two of its feed-forward part, and queries with keys and weights with values. */
const layer = (steps: number, width: number, inner: number): number =>
  steps * (4 * width * width + 2 * width * inner) + 2 * steps * steps * width

describe('multiply-adds are counted from the graph:', () => {
  test('AST’s patches, layers and head', () => {
    const model = shipped('ast')
    const { layers, width } = model.card.encoder
    const { patch_size: patch, intermediate_size: inner } = model.config as Record<string, number>
    const steps = 514
    const expected = (steps - 2) * patch! * patch! * width + layers * layer(steps, width, inner!) + width * 24
    expect(work(model, 5).products).toBe(expected)
  })

  test('Whisper’s encoder, whatever is said; its decoder’s weights are read for every token', () => {
    const model = shipped('whisper')
    const { layers, width } = model.card.encoder
    const { encoder_ffn_dim: inner, num_mel_bins: bands } = model.config as Record<string, number>
    const stem = 3000 * width * 3 * bands! + 1500 * width * 3 * width
    const { products, tokenBytes } = work(model, 5)
    expect(products).toBe(stem + layers * layer(1500, width, inner!))
    expect(work(model, 20).products).toBe(products)
    const { data } = [...model.decoder!.graph.initializers.values()].toSorted(
      (a, b) => b.data.length - a.data.length,
    )[0]!
    expect(tokenBytes).toBeGreaterThan(data.length)
  })

  test('Wav2Vec2’s grow with its steps, and with their square', () => {
    const [short, long] = [5, 20].map((seconds) => work(shipped('wav2vec2'), seconds).products)
    expect(long! / short!).toBeGreaterThan(4)
    expect(long! / short!).toBeLessThan(16)
  })
})

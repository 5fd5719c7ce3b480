import { describe, expect, test } from 'vitest'
import type { FlowStage } from '../../../src/contract/model.ts'
import { modelFlow } from '../../../src/engine/estimate/flow.ts'
import { familyById } from '../../../src/engine/models/families/families.ts'
import { modelRate } from '../../../src/engine/models/families/config-number.ts'
import type { Model } from '../../../src/engine/models/model.ts'
import { openModel } from '../../../src/engine/models/open.ts'
import { shapeText } from '../../../src/figures/flow-text.ts'
import { goldenModel } from '../../support/models.ts'

/** A small model with the front end and the sizes of the official ones: what their configs leave out is what ours do. */
const official = (name: string, width: number, config: Record<string, unknown> = {}): Model => {
  const model = openModel(goldenModel(name))
  return {
    ...model,
    config,
    preprocessor: {},
    card: { ...model.card, encoder: { ...model.card.encoder, width }, maxSeconds: null, minSeconds: 0 },
  }
}
const shapes = (model: Model, seconds: number): string[] => modelFlow(model, seconds).stages.map(shapeText)
const part = (model: Model, seconds: number, wanted: FlowStage['part']): FlowStage =>
  modelFlow(model, seconds).stages.find((stage) => stage.part === wanted)!

describe('five seconds on their way through', () => {
  test('Wav2Vec2 are 80,000 samples and 249 steps of 20 ms', () => {
    const model = official('wav2vec2-sdpa-17', 768)
    expect(shapes(model, 5).slice(0, 3)).toEqual(['80,000 samples', '80,000 samples', '249 steps × 768'])
    expect(part(model, 5, 'steps').notes).toEqual(['a step every 20 ms, each hears 25 ms'])
  })

  test('Whisper are filled up to 30 s: 3000 frames and 1500 steps, of which 250 are on sound', () => {
    const golden = openModel(goldenModel('whisper-sdpa-17'))
    const model = official('whisper-sdpa-17', 384, { ...golden.config, max_source_positions: 1500 })
    const expected = ['80,000 samples', '480,000 samples', '80 mel bands × 3000 frames', '1500 steps × 384']
    expect(shapes(model, 5).slice(0, 4)).toEqual(expected)
    expect(part(model, 5, 'steps').notes).toContain('250 of 1500 on sound, the rest on padding')
    expect(part(model, 5, 'encoder').notes).toContain(`attention ${model.card.encoder.heads} × 1500 × 1500`)
    expect(part(model, 5, 'decoder').by).toMatch(/^cross-attention/)
  })

  test('AST are 1024 frames, cut into 12 bands × 101 columns with 2 tokens before them', () => {
    const model = official('ast-sdpa-17', 768)
    const expected = ['80,000 samples', '1024 frames × 128 mel bands', '1214 steps × 768']
    expect(shapes(model, 5).slice(0, 3)).toEqual(expected)
    expect(part(model, 5, 'steps').notes[0]).toBe('12 bands × 101 columns + 2 tokens')
  })
})

test('SEW has a head with twice the rows of its layers, Wav2Vec2-BERT two frames in a row', () => {
  const sew = openModel(goldenModel('sew-sdpa-14'))
  expect(part(sew, 5, 'steps').shape[0]).toBe(124)
  expect(part(sew, 5, 'output').shape).toEqual([249, sew.inspection.vocabulary])
  const bert = openModel(goldenModel('bert-sdpa-14'))
  const [frames = 0, bands = 0] = part(bert, 5, 'features').shape
  expect(part(bert, 5, 'rows').shape).toEqual([frames / 2, 2 * bands])
})

test.each(['wav2vec2-bmm-14', 'bert-sdpa-14', 'whisper-merged-17', 'ast-eager-14', 'wavlm-sdpa-14', 'vit-sdpa-14'])(
  '%s has the features that its front end makes',
  (name) => {
    const model = openModel(goldenModel(name))
    const samples = new Float32Array(Math.round(1.3 * modelRate(model.preprocessor)))
    const { shape, axes } = familyById[model.card.family].features(samples, model.preprocessor)
    expect(part(model, 1.3, 'features')).toMatchObject({ shape, axes })
  },
)

test('a clip is as long as the model can hear it, and not shorter', () => {
  const whisper = openModel(goldenModel('whisper-sdpa-17'))
  const limit = whisper.card.maxSeconds!
  expect(modelFlow(whisper, 1000).seconds).toBe(limit)
  const wav2vec2 = openModel(goldenModel('wav2vec2-sdpa-17'))
  expect(modelFlow(wav2vec2, 1e-3).seconds).toBe(wav2vec2.card.minSeconds)
})

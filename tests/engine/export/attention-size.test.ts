import { expect, test } from 'vitest'
import type { Recording } from '../../../src/contract/recording.ts'
import { attentionSize, checkLimits } from '../../../src/engine/export/attention-size.ts'
import { openModel } from '../../../src/engine/models/open.ts'
import { resource } from '../../../src/engine/paths.ts'
import { shapes, starters } from '../../support/models.ts'

const recording = { name: 'x.wav', seconds: 10, frames: 160_000, rate: 16_000 } as Recording
const options = { language: 'auto', task: 'transcribe' as const }
const size = (model: string, tokens?: number[]) =>
  attentionSize(openModel(resource('models', model)), recording, [0, 5], tokens ? { ...options, tokens } : options)

test('the size of attention is known before a run: from the clip, the window, and the tokens where they are given', () => {
  expect(size(starters.wav2vec2).encoder.steps).toBe(248)
  expect(size(starters.ast).encoder.steps).toBe(shapes.ast.tokens)
  expect(size(starters.whisper, [1, 2, 3])).toEqual({
    encoder: { heads: 4, steps: 1500 },
    decoder: { heads: 4, tokens: 3 },
  })
  expect(size(starters.whisper).decoder?.tokens).toBe(shapes.whisper.positions)
})

test('rows, keys and heads of which a tap has none are refused, an end beyond it is not', () => {
  const wav2vec2 = size(starters.wav2vec2)
  const attention = ['features', 'encoder.attention.0']
  checkLimits(attention, wav2vec2, { heads: [3], rows: [0, 1000], keys: [247, 248] })
  checkLimits(['encoder.hidden.0'], wav2vec2, { rows: [1000, 2000] })
  for (const limits of [{ rows: [248, 249] }, { keys: [300, 400] }, { heads: [4] }] as const)
    expect(() => checkLimits(attention, wav2vec2, limits as never)).toThrow(/which has 248|no head 4/)
  const whisper = size(starters.whisper, [1, 2, 3])
  checkLimits(['cross.attention.0'], whisper, { rows: [2, 3], keys: [1499, 1500] })
  expect(() => checkLimits(['decoder.attention.0'], whisper, { keys: [3, 4] })).toThrow('which has 3')
})

test('a region outside the recording is refused as a run would', () => {
  const outside = () => attentionSize(openModel(resource('models', starters.ast)), recording, [0, 11], options)
  expect(outside).toThrow('reaches past the end')
})

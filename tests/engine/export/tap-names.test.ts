import { expect, test } from 'vitest'
import type { ModelCard } from '../../../src/contract/model.ts'
import { isInGrammar, selectTaps, tapsOf } from '../../../src/engine/export/tap-names.ts'

const card = (type: ModelCard['type'], layers: number, decoder?: number): ModelCard => ({
  id: 'small',
  family: type === 'encoder-decoder' ? 'whisper' : type === 'classifier' ? 'ast' : 'wav2vec2',
  type,
  untrained: true,
  origin: 'folder',
  bytes: 1,
  variant: 'fp32',
  variants: ['fp32'],
  hub: null,
  licence: null,
  note: null,
  encoder: { layers, heads: 4, width: 8 },
  ...(decoder === undefined ? {} : { decoder: { layers: decoder, heads: 2, width: 8 } }),
  maxSeconds: null,
  minSeconds: 0.025,
})

test('an encoder-decoder has hidden states and attention of both sides, cross-attention, tokens and logits', () => {
  expect(tapsOf(card('encoder-decoder', 1, 2))).toEqual([
    'features',
    'encoder.hidden.0',
    'encoder.hidden.1',
    'encoder.attention.0',
    'decoder.hidden.0',
    'decoder.hidden.1',
    'decoder.hidden.2',
    'decoder.attention.0',
    'decoder.attention.1',
    'cross.attention.0',
    'cross.attention.1',
    'tokens',
    'logits',
  ])
})

test('a classifier has no tokens, a bare encoder neither tokens nor logits', () => {
  expect(tapsOf(card('classifier', 1))).not.toContain('tokens')
  expect(tapsOf(card('classifier', 1))).toContain('logits')
  expect(tapsOf(card('encoder', 1)).at(-1)).toBe('encoder.attention.0')
})

test('a star stands for any characters, and doubles are taken once', () => {
  const { taps, absent } = selectTaps(card('ctc', 2), ['encoder.hidden.*', 'encoder.hidden.1', '*.attention.1'])
  expect(taps).toEqual(['encoder.hidden.0', 'encoder.hidden.1', 'encoder.hidden.2', 'encoder.attention.1'])
  expect(absent).toEqual([])
})

test('names of a part the model lacks are left out and told', () => {
  const { taps, absent } = selectTaps(card('ctc', 2), ['features', 'decoder.hidden.0', 'cross.attention.*'])
  expect(taps).toEqual(['features'])
  expect(absent).toEqual(['decoder.hidden.0', 'cross.attention.*'])
  expect(selectTaps(card('classifier', 1), ['logits', 'tokens']).absent).toEqual(['tokens'])
})

test('a layer the model lacks, an unknown name and an empty result are errors', () => {
  expect(() => selectTaps(card('ctc', 2), ['features', 'encoder.hidden.3'])).toThrow('has 2 encoder layers')
  expect(() => selectTaps(card('ctc', 2), ['encoder.attention.2*'])).toThrow('small has no encoder.attention.2*')
  expect(() => selectTaps(card('ctc', 2), ['encoder.hiden.0'])).toThrow('no tap has the name encoder.hiden.0')
  expect(() => selectTaps(card('ctc', 2), ['cross.attention.0'])).toThrow('nothing to export')
})

test('the grammar knows names and patterns', () => {
  for (const good of ['*', 'features', 'encoder.*', 'encoder.hidden.12', '*.attention.0', 'cross.*', 'l*'])
    expect(isInGrammar(good)).toBe(true)
  for (const bad of ['', 'feature', 'encoder', 'encoder.hidden', 'cross.hidden.0', 'x*', 'encoder.hidden.-1'])
    expect(isInGrammar(bad)).toBe(false)
})

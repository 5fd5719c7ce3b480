import { expect, test } from 'vitest'
import { frontEnd } from '../../../../src/engine/models/mapping/front-end.ts'
import type { FoundStem } from '../../../../src/engine/models/mapping/stem.ts'

/** What a graph left open, and who says it then. */

const open: FoundStem = {
  hasPatches: false,
  picture: { bands: 80, frames: undefined, axes: ['mel', 'frame'] },
  stem: () => ({ convolutions: [], patches: null }),
  positions: undefined,
  step: 2,
}
const preprocessor = (...input: Parameters<typeof frontEnd>) => frontEnd(...input).preprocessor

test('the length of a spectrogram: the person, the config, the table of positions', () => {
  const [mel, bank] = [{ input: 'log-mel' }, { input: 'filter-bank' }] as const
  expect(preprocessor({ ...mel, seconds: 4 }, open, { chunk_length: 30 })).toMatchObject({ chunk_length: 4 })
  expect(preprocessor(mel, open, { chunk_length: 30 })).toMatchObject({ chunk_length: 30, hop_length: 160 })
  expect(preprocessor(mel, { ...open, positions: 1500 }, {})).toMatchObject({ chunk_length: 30 })
  expect(preprocessor({ ...bank, seconds: 4 }, open, {})).toMatchObject({ max_length: 400 })
  expect(preprocessor(bank, open, { max_length: 1024 })).toMatchObject({ max_length: 1024, num_mel_bins: 80 })
  expect(() => preprocessor(bank, open, {})).toThrow('how long a sound it hears: say it with --seconds')
  expect(() => preprocessor(bank, { ...open, positions: 33, hasPatches: true }, {})).toThrow('--seconds')
})

test('a length follows the rate and the hop', () => {
  expect(
    preprocessor({ input: 'log-mel', rate: 8000, seconds: 2 }, open, { hop_length: 80, sampling_rate: 16000 }),
  ).toMatchObject({ sampling_rate: 8000, hop_length: 80, chunk_length: 2 })
})

test('bands of patches: the config, or nobody', () => {
  const picture = { bands: undefined, frames: 128, axes: ['mel', 'frame'] } as const
  const found: FoundStem = { ...open, picture: { ...picture, axes: [...picture.axes] } }
  expect(preprocessor({ input: 'filter-bank' }, found, { num_mel_bins: 64 })).toMatchObject({ num_mel_bins: 64 })
  expect(() => preprocessor({ input: 'filter-bank' }, found, {})).toThrow(
    'no preprocessor_config.json says num_mel_bins',
  )
})

test('a filter bank is normalised unless it is said not to be; what has no effect is refused', () => {
  const bank = { input: 'filter-bank', seconds: 1 } as const
  expect(preprocessor(bank, open, {})).not.toHaveProperty('do_normalize')
  expect(preprocessor({ ...bank, normalise: false }, open, {})).toMatchObject({ do_normalize: false })
  expect(() => preprocessor({ input: 'waveform', seconds: 1 }, { ...open, picture: null }, {})).toThrow('any length')
  expect(() => preprocessor({ input: 'log-mel', seconds: 1, normalise: true }, open, {})).toThrow(
    'leave --normalise out',
  )
})

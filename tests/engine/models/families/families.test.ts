import { describe, expect, it } from 'vitest'
import { isPatchGrid, secondsAt, stepCount, timeOf, type PatchGrid } from '../../../../src/contract/grid.ts'
import { ast } from '../../../../src/engine/models/families/ast.ts'
import { families, familyOf } from '../../../../src/engine/models/families/families.ts'
import { moonshine } from '../../../../src/engine/models/families/moonshine.ts'
import { sew } from '../../../../src/engine/models/families/sew.ts'
import { wav2vec2Bert } from '../../../../src/engine/models/families/wav2vec2-bert.ts'
import { wav2vec2 } from '../../../../src/engine/models/families/wav2vec2.ts'
import { whisper } from '../../../../src/engine/models/families/whisper.ts'

const fiveSeconds = 80000

describe('familyOf', () => {
  it("knows a family by config.json's model_type", () => {
    expect(familyOf('wav2vec2')).toBe(wav2vec2)
    expect(familyOf('whisper')).toBe(whisper)
    expect(familyOf('audio-spectrogram-transformer')).toBe(ast)
    expect(familyOf('bert')).toBeUndefined()
  })

  it('has one family a model type, each under its own name', () => {
    const types = families.flatMap((family) => family.modelTypes)
    expect(new Set(types).size).toBe(types.length)
    expect(new Set(families.map(({ name }) => name)).size).toBe(families.length)
  })
})

describe('Wav2Vec2-BERT with an adapter', () => {
  it('has one row of its head for two states, on the first of them, and none for padding alone', () => {
    const config = { add_adapter: true, num_adapter_layers: 1 }
    const { encoder, output } = wav2vec2Bert.grids(31840, 2, {}, config)
    expect([stepCount(encoder), output?.count, output?.valid]).toEqual([99, 50, 49])
    expect(output?.start).toBeCloseTo(timeOf(encoder).start, 9)
    expect(output?.step).toBeCloseTo(0.04, 9)
    expect(wav2vec2Bert.adapterSites?.(config)).toBe(1)
    expect(wav2vec2Bert.adapterSites?.({})).toBe(0)
  })
})

describe('SEW', () => {
  const { encoder, output } = sew.grids(fiveSeconds, 2, {}, { squeeze_factor: 2 })
  it('has a state for every two of its stem, half way between them, and rows of the head for each', () => {
    const grid = timeOf(encoder)
    expect(output).toMatchObject({ step: 0.02, count: 249, valid: 249 })
    expect(grid).toMatchObject({ step: 0.04, count: 124, valid: 124 })
    expect(grid.start).toBeCloseTo((secondsAt(output!, 0) + secondsAt(output!, 1)) / 2, 12)
    expect(secondsAt(grid, 123)).toBeCloseTo((secondsAt(output!, 246) + secondsAt(output!, 247)) / 2, 12)
    expect(grid.width).toBeCloseTo(0.045, 12)
  })

  it('needs two states of its stem', () => {
    expect(sew.minSamples({})).toBe(720)
    expect(stepCount(sew.grids(720, 0, {}, {}).encoder)).toBe(1)
    expect(stepCount(sew.grids(719, 0, {}, {}).encoder)).toBe(0)
  })
})

describe('Wav2Vec2-BERT', () => {
  it('has a state for every two frames, between them; what is left of the last is padding', () => {
    const { features, encoder } = wav2vec2Bert.grids(400 + 160 * 196, 2, {}, {})
    expect(features).toMatchObject({ step: 0.01, width: 0.025, count: 198, valid: 197 })
    expect(encoder).toMatchObject({ step: 0.02, width: 0.035, count: 99, valid: 98 })
    expect(timeOf(encoder).start).toBeCloseTo((secondsAt(features, 0) + secondsAt(features, 1)) / 2, 12)
  })
})

describe('Moonshine', () => {
  it('has a state every 24 ms, each of 895 samples, at whatever length', () => {
    const { encoder } = moonshine.grids(fiveSeconds, 2, {}, {})
    expect(encoder).toMatchObject({ step: 0.024, width: 895 / 16000, count: 207, valid: 207 })
    expect(timeOf(encoder).start).toBeCloseTo(2 + 447 / 16000, 12)
    expect(moonshine.minSamples({})).toBe(895)
    expect(stepCount(moonshine.grids(895, 0, {}, {}).encoder)).toBe(1)
    expect(stepCount(moonshine.grids(894, 0, {}, {}).encoder)).toBe(0)
  })
})

describe('an adapter', () => {
  it('halves the rows of the head and leaves the states alone', () => {
    const config = { add_adapter: true, num_adapter_layers: 2 }
    const { encoder, output } = wav2vec2.grids(fiveSeconds, 0, {}, config)
    expect(stepCount(encoder)).toBe(249)
    expect(output).toMatchObject({ step: 0.08, count: 63, start: timeOf(encoder).start })
  })
})

describe('Wav2Vec2', () => {
  const { features, encoder } = wav2vec2.grids(fiveSeconds, 2, {}, {})
  it('has 249 states of 5 s, 20 ms apart, the first centred 12.47 ms into the clip', () => {
    const grid = timeOf(encoder)
    expect(grid).toMatchObject({ step: 0.02, width: 0.025, count: 249, valid: 249 })
    expect(grid.start).toBeCloseTo(2.01246875, 12)
    expect(features).toEqual({ start: 2, step: 1 / 16000, width: 1 / 16000, count: fiveSeconds, valid: fiveSeconds })
  })

  it('follows other strides and kernels of its config', () => {
    const grid = timeOf(wav2vec2.grids(1000, 0, {}, { conv_kernel: [10, 4], conv_stride: [5, 4] }).encoder)
    expect(grid).toMatchObject({ step: 20 / 16000, width: 25 / 16000, count: 49 })
    expect(() => wav2vec2.grids(1000, 0, {}, { conv_kernel: 'ten' })).toThrow('conv_kernel: "ten"')
  })

  it('needs as many samples as one state of its config sees: 400 usually, 780 through three long convolutions', () => {
    const config = { conv_kernel: [160, 8, 4], conv_stride: [20, 8, 2] }
    expect(wav2vec2.minSamples({})).toBe(400)
    expect(wav2vec2.minSamples(config)).toBe(780)
    expect(stepCount(wav2vec2.grids(779, 0, {}, config).encoder)).toBe(0)
    const { start, ...grid } = timeOf(wav2vec2.grids(fiveSeconds, 2, {}, config).encoder)
    expect(grid).toEqual({ step: 0.02, width: 0.04875, count: 248, valid: 248 })
    expect(start).toBeCloseTo(2 + 0.02434375, 12)
  })

  it('has one state of 400 samples and none of 399', () => {
    expect(stepCount(wav2vec2.grids(400, 0, {}, {}).encoder)).toBe(1)
    expect(stepCount(wav2vec2.grids(399, 0, {}, {}).encoder)).toBe(0)
  })

  it('gives zero mean and unit variance, and the samples themselves when told so', () => {
    const samples = Float32Array.from({ length: 1000 }, (_, n) => 0.3 + 0.1 * Math.sin(n))
    const { data } = wav2vec2.features(samples, {})
    const mean = data.reduce((sum, x) => sum + x, 0) / 1000
    expect(mean).toBeCloseTo(0, 5)
    expect(data.reduce((sum, x) => sum + x * x, 0) / 1000).toBeCloseTo(1, 3)
    expect(wav2vec2.features(samples, { do_normalize: false }).data).toEqual(samples)
  })

  it('stays at zero on silence and on a constant', () => {
    expect(wav2vec2.features(new Float32Array(400), {}).data.every((x) => x === 0)).toBe(true)
    expect(wav2vec2.features(new Float32Array(400).fill(0.3), {}).data.every((x) => Math.abs(x) < 1e-6)).toBe(true)
  })

  it('ends before the last norm only with stable layer norm', () => {
    expect(wav2vec2.lastHidden({})).toBe('after-norm')
    expect(wav2vec2.lastHidden({ do_stable_layer_norm: true })).toBe('before-norm')
  })
})

describe('Whisper', () => {
  const grids = (samples: number, preprocessor = {}, config = {}) => whisper.grids(samples, 1.5, preprocessor, config)
  it('has 250 of 1500 states on 5 s, 20 ms apart from the first sample on', () => {
    const { features, encoder } = grids(fiveSeconds)
    expect(features).toEqual({ start: 1.5, step: 0.01, width: 0.025, count: 3000, valid: 500 })
    expect(encoder).toEqual({ start: 1.5, step: 0.02, width: 0.065, count: 1500, valid: 250 })
  })

  it('counts a step whose centre lies just inside the clip, never one at its end', () => {
    expect(timeOf(grids(fiveSeconds + 1).encoder).valid).toBe(251)
    expect(timeOf(grids(1).encoder).valid).toBe(1)
    expect(timeOf(grids(480000).encoder).valid).toBe(1500)
    for (const tenth of [1, 3, 7, 13, 47]) expect(timeOf(grids(tenth * 1600).encoder).valid).toBe(tenth * 5)
  })

  it('follows its preprocessor: bands, hop, chunk', () => {
    const preprocessor = { feature_size: 128, hop_length: 200, chunk_length: 2 }
    expect(whisper.features(new Float32Array(100), preprocessor).shape).toEqual([128, 160])
    expect(whisper.maxSeconds(preprocessor)).toBe(2)
    expect(grids(16000, preprocessor, { max_source_positions: 80 }).encoder).toMatchObject({ count: 80, valid: 40 })
    expect(whisper.bandHertz(preprocessor)).toHaveLength(128)
  })

  it('refuses a config that says nonsense', () => {
    expect(() => whisper.features(new Float32Array(100), { hop_length: 'ten' })).toThrow('hop_length: "ten"')
    expect(() => whisper.features(new Float32Array(100), { feature_size: 0 })).toThrow('feature_size: 0')
  })
})

describe('AST', () => {
  const { features, encoder } = ast.grids(fiveSeconds, 3, {}, {})
  it('has 1214 tokens: 2 special and 12 bands of 101 columns, 50 of them on 5 s', () => {
    expect(isPatchGrid(encoder)).toBe(true)
    expect(stepCount(encoder)).toBe(1214)
    const { time, bands, special } = encoder as PatchGrid
    expect({ bands, special }).toEqual({ bands: 12, special: 2 })
    expect(time).toMatchObject({ step: 0.1, width: 0.175, count: 101, valid: 50 })
    expect(secondsAt(time, 0)).toBeCloseTo(3.0875, 12)
  })

  it('has 498 of 1024 frames on 5 s, the first centred at 12.5 ms', () => {
    expect(features).toMatchObject({ step: 0.01, width: 0.025, count: 1024, valid: 498 })
    expect(features.start).toBeCloseTo(3.0125, 12)
  })

  it('pads with zeros before normalisation, so padding is brighter than silence', () => {
    const { shape, data } = ast.features(new Float32Array(400), {})
    expect(shape).toEqual([1024, 128])
    expect(data[0]).toBeCloseTo(-1.2776, 4)
    expect(data[128]).toBeCloseTo(0.467, 4)
  })

  it('takes up to 10.24 s, and fewer frames and bands where its configs say so', () => {
    expect(ast.maxSeconds({})).toBe(10.24)
    const small = { max_length: 128, num_mel_bins: 64 }
    expect(ast.features(new Float32Array(163840), small).shape).toEqual([128, 64])
    expect(stepCount(ast.grids(16000, 0, small, small).encoder)).toBe(2 + 5 * 12)
    expect(ast.bandHertz(small)).toHaveLength(64)
  })

  it('has 514 tokens where patches touch instead: 8 bands of 64 columns, 160 ms apart', () => {
    const grid = ast.grids(fiveSeconds, 3, {}, { time_stride: 16, frequency_stride: 16 }).encoder as PatchGrid
    expect(stepCount(grid)).toBe(514)
    expect(grid).toMatchObject({ bands: 8, special: 2, time: { step: 0.16, width: 0.175, count: 64, valid: 31 } })
    expect(secondsAt(grid.time, 1)).toBeCloseTo(3.2475, 12)
  })

  it('has no column on a clip shorter than half a patch', () => {
    expect(timeOf(ast.grids(400, 0, {}, {}).encoder).valid).toBe(0)
  })

  it('refuses to divide by a deviation of zero', () => {
    expect(() => ast.features(new Float32Array(400), { std: 0 })).toThrow('std: 0')
  })
})

describe('every family', () => {
  it.each(families.map((family) => [family.id, family] as const))(
    'leaves the samples as they were: %s',
    (_, family) => {
      const samples = Float32Array.from({ length: 800 }, (_, n) => Math.sin(n))
      const before = samples.slice()
      const { data, shape } = family.features(samples, {})
      expect(samples).toEqual(before)
      expect(data.length).toBe(shape.reduce((all, size) => all * size, 1))
      expect(data.buffer).not.toBe(samples.buffer)
    },
  )
})

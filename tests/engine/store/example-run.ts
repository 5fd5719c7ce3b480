import type { Run } from '../../../src/contract/run.ts'
import type { Tensor } from '../../../src/contract/tensor.ts'

/** A run of a made-up model, enough for the store. */
export const exampleRun = (id: string): Run => ({
  id,
  recording: { id: 'r'.repeat(64), name: 'a "quoted" <name>.wav' },
  region: [0, 5],
  samples: 80_000,
  model: { id: 'tiny', hash: 'h', family: 'wav2vec2', type: 'ctc', variant: 'fp32', untrained: true },
  options: { language: 'auto', task: 'transcribe' },
  provider: 'cpu',
  device: 'a processor',
  choice: 'asked for',
  nodes: { cpu: 12 },
  parity: null,
  threads: 1,
  fromStore: false,
  seconds: 0.1,
  loadSeconds: 0,
  encoder: { layers: 1, heads: 2, width: 4 },
  grids: {
    features: { start: 0, step: 1 / 16_000, width: 1 / 16_000, count: 80_000, valid: 80_000 },
    encoder: { start: 0.01247, step: 0.02, width: 0.025, count: 249, valid: 249 },
  },
  taps: [],
  result: { text: null, tokens: null, language: null, characters: null, labels: null },
  warnings: [],
  versions: { otoscope: '0', onnxruntime: '0', decoder: '0' },
})

export const matrix = (rows: number, width: number, first = 0): Tensor => ({
  dtype: 'float32',
  shape: [rows, width],
  axes: ['step', 'width'],
  data: Float32Array.from({ length: rows * width }, (_, i) => first + i),
})

import type { AttentionMap, HiddenMap, SpectrogramMap } from '../../src/contract/engine.ts'
import { timeOf, type Grid, type TimeGrid } from '../../src/contract/grid.ts'
import type { Run, TokenCard } from '../../src/contract/run.ts'
import type { Range, Raster } from '../../src/contract/tensor.ts'

/** Results as the engine gives them, with made-up numbers: a 5 s clip in a Whisper, a Wav2Vec2 and an AST. */

export const rasterOf = (rows: number, columns: number, value: (row: number, column: number) => number): Raster => {
  const data = Float32Array.from({ length: rows * columns }, (_, i) => value(Math.floor(i / columns), i % columns))
  const finite = [...data].filter(Number.isFinite)
  const source: Raster['source'] = { rows: [0, rows], columns: [0, columns] }
  return { rows, columns, data, source, low: Math.min(...finite), high: Math.max(...finite) }
}

const whisperGrid: TimeGrid = { start: 0, step: 0.02, width: 0.065, count: 1500, valid: 250 }
export const grids: Record<'whisper' | 'wav2vec2' | 'ast', Grid> = {
  whisper: whisperGrid,
  wav2vec2: { start: 0.01247, step: 0.02, width: 0.025, count: 249, valid: 249 },
  ast: { time: { start: 0.0875, step: 0.1, width: 0.175, count: 101, valid: 50 }, bands: 12, special: 2 },
}

export const token = (text: string, forced = false): TokenCard => ({
  id: 1,
  text,
  special: forced,
  forced,
  probability: forced ? null : 0.5,
})

export const promptTokens = ['<|startoftranscript|>', '<|en|>', '<|transcribe|>', '<|notimestamps|>'].map((text) =>
  token(text, true),
)

export const runOf = (family: 'whisper' | 'wav2vec2' | 'ast', name = 'thunder.mp3', region: Range = [0, 5]): Run => {
  const types = { whisper: 'encoder-decoder', wav2vec2: 'ctc', ast: 'classifier' } as const
  const stack = { layers: 3, heads: 5, width: 384 }
  return {
    id: `${family} ${name}`,
    recording: { id: 'a'.repeat(64), name },
    region,
    samples: 80_000,
    model: {
      id: `${family}-tiny`,
      hash: 'b'.repeat(64),
      family,
      type: types[family],
      variant: 'fp32',
      untrained: family === 'ast',
    },
    options: { language: 'auto', task: 'transcribe' },
    provider: 'cpu',
    device: 'a processor',
    choice: 'asked for',
    nodes: { cpu: 12 },
    parity: null,
    threads: 2,
    fromStore: false,
    seconds: 1,
    loadSeconds: 0,
    encoder: stack,
    ...(family === 'whisper' ? { decoder: { layers: 4, heads: 6, width: 384 } } : {}),
    grids: {
      features: { start: region[0], step: 0.01, width: 0.025, count: 3000, valid: 500 },
      encoder: grids[family],
    },
    taps: [],
    result: {
      text: family === 'whisper' ? ' you' : null,
      tokens: family === 'whisper' ? [...promptTokens, token(' you'), token('<|endoftext|>')] : null,
      language: family === 'whisper' ? { code: 'en', detected: true, probability: 0.9 } : null,
      characters: null,
      labels: null,
    },
    warnings: [],
    versions: { otoscope: '0.1.0', onnxruntime: '1.30.0', decoder: 'ffmpeg 5.1' },
  }
}

export const hiddenMapOf = (run: Run): HiddenMap => {
  const grid = timeOf(run.grids.encoder)
  const raster = rasterOf(
    128,
    grid.valid,
    (row, column) => Math.sin(row * 0.7) * Math.cos(column / 20) * (row === 3 ? 90 : 1),
  )
  const indices = Int32Array.from({ length: 128 }, (_, i) => i)
  return { raster, indices, grid, dimensions: run.encoder.width }
}

export const selfMapOf = (run: Run, heads: (number | 'mean')[], steps = 200): AttentionMap => {
  const grid = timeOf(run.grids.encoder)
  const size = Math.min(steps, grid.valid)
  const weight = (row: number, column: number): number => 0.2 * Math.exp(-Math.abs(row - column) / 10) + 1 / grid.count
  return {
    maps: heads.map((head) => ({ head, raster: rasterOf(size, size, weight) })),
    queryGrid: grid,
    keyGrid: grid,
    queryCount: grid.count,
    keyCount: grid.count,
    paddingShare: 0.41,
    folded: run.model.family === 'ast' ? { specialShare: 0.03 } : null,
  }
}

export const crossMapOf = (run: Run, rows: Range, columns: number): AttentionMap => {
  const grid = timeOf(run.grids.encoder)
  const raster = rasterOf(
    rows[1] - rows[0],
    columns,
    (row, column) => 0.1 * Math.exp(-(((column - 100 - 10 * row) / 9) ** 2)) + 1e-4,
  )
  raster.source.rows = rows
  return {
    maps: [{ head: 'mean', raster }],
    queryGrid: null,
    keyGrid: grid,
    queryCount: run.result.tokens?.length ?? 0,
    keyCount: grid.count,
    paddingShare: 0.25,
    folded: null,
  }
}

export const featuresOf = (run: Run): SpectrogramMap => ({
  raster: rasterOf(80, 500, (row, column) => Math.sin(row / 9) + column / 500),
  grid: run.grids.features,
  hertz: Float32Array.from({ length: 80 }, (_, i) => 50 * 1.067 ** i),
  unit: 'log10 mel, normalised',
  title: 'Whisper’s input: log-mel 80 × 3000',
})

import { describe, expect, test } from 'vitest'
import { attentionOverSpectrogramFigure, summedRows } from '../../src/figures/attention-over-spectrogram.ts'
import { crossAttentionFigure } from '../../src/figures/cross-attention.ts'
import type { Curve, Figure, Heatmap, Panel } from '../../src/figures/figure.ts'
import { hiddenStatesFigure } from '../../src/figures/hidden-states.ts'
import { attentionHeadsFigure, encoderAttentionFigure } from '../../src/figures/self-attention.ts'
import { crossMapOf, featuresOf, hiddenMapOf, rasterOf, runOf, selfMapOf, token } from './synthetic.ts'

const panelsOf = (figure: Figure): Panel[] => figure.panels.filter((panel) => panel !== null)
const heatmapOf = (panel: Panel | null | undefined): Heatmap => panel!.layers.find((layer) => layer.kind === 'heatmap')!
const curveOf = (panel: Panel | null | undefined): Curve => panel!.layers.find((layer) => layer.kind === 'curve')!
const names = ['thunder.mp3', 'chimes.mp3']

describe('hidden states', () => {
  const rows = (['wav2vec2', 'whisper', 'ast'] as const).map((family) =>
    names.map((name) => {
      const run = runOf(family, name)
      return {
        windows: [{ index: 0, window: { region: run.region, shown: run.region }, run }],
        maps: [hiddenMapOf(run)],
      }
    }),
  )
  const figure = hiddenStatesFigure(rows)

  test('has a row per model and a column per recording, all in seconds', () => {
    expect(figure.columns).toBe(2)
    expect(figure.panels).toHaveLength(6)
    for (const panel of panelsOf(figure)) {
      expect(panel.x.title).toMatch(/^Time/)
      expect(panel.x.range).toEqual([0, 5])
    }
  })
  test('places every family where its steps are', () => {
    const edges = [0, 2, 4].map((i) => heatmapOf(figure.panels[i]).x.map((edge) => Number(edge.toFixed(4))))
    expect(edges).toEqual([
      [0.0025, 4.9825],
      [-0.01, 4.99],
      [0.0375, 5.0375],
    ])
  })
  test('says that it shows the first 128 dimensions and that AST is averaged over bands', () => {
    expect(figure.title).toContain('first 128 dimensions')
    expect(figure.panels[4]!.subtitle).toContain('mean of 12 bands')
    expect(figure.notes.join(' ')).toContain('mean over the 12 frequency bands')
  })
  test('centres colours on 0, shares them within a model and is not led by one dimension', () => {
    const [first, second] = [heatmapOf(figure.panels[0]).colour, heatmapOf(figure.panels[1]).colour]
    expect(first).toEqual(second)
    expect(first.low).toBe(-first.high)
    expect(first.high).toBeLessThan(20)
    expect(figure.notes.join(' ')).toContain('99th percentile')
  })
  test('says which models are untrained, and what ran them', () => {
    expect(figure.panels[4]!.title).toContain('(untrained)')
    expect(figure.notes.join(' ')).toMatch(/Untrained models have random weights/)
    expect(figure.notes.join(' ')).toContain('ast-tiny (classifier, untrained) on CPU, onnxruntime 1.30.0')
  })
})

describe('encoder attention', () => {
  const figureOf = (family: 'whisper' | 'wav2vec2' | 'ast', layers = 3): Figure =>
    encoderAttentionFigure(
      names.map((name) => {
        const run = runOf(family, name)
        return Array.from({ length: layers }, (_, layer) => ({ run, layer, answer: selfMapOf(run, ['mean']) }))
      }),
    )

  test('labels 200 Whisper steps with their true 4.0 s', () => {
    const figure = figureOf('whisper')
    expect(figure.title).toContain('first 200 steps (4.0 s)')
    expect(figure.panels[0]!.x.range[1]).toBeCloseTo(3.99)
    expect(figure.panels[0]!.y.title).toMatch(/^Time/)
    expect(figure.panels[0]!.y.inverse).toBe(true)
  })
  test('counts layers from 0, a line per recording', () => {
    const figure = figureOf('whisper')
    expect(figure.columns).toBe(3)
    expect(panelsOf(figure).map((panel) => panel.title)).toEqual(
      names.flatMap((name) => [0, 1, 2].map((layer) => `layer ${layer} · ${name}`)),
    )
  })
  test('shows an AST clip by its columns, half of which are padding', () => {
    const figure = figureOf('ast')
    expect(figure.title).toContain('first 50 steps (5.0 s)')
    expect(figure.panels[0]!.subtitle).toBe('41 % on padding, 3.0 % on special')
  })
  test('shares one colour scale and says that weights are no explanation', () => {
    const figure = figureOf('wav2vec2')
    expect(new Set(panelsOf(figure).map((panel) => JSON.stringify(heatmapOf(panel).colour))).size).toBe(1)
    expect(figure.notes.join(' ')).toContain('not an explanation')
  })
  test('breaks twelve layers into lines and fills up the last', () => {
    expect([figureOf('ast', 12).columns, figureOf('ast', 12).panels.length]).toEqual([6, 24])
    const seven = figureOf('ast', 7)
    expect([seven.columns, seven.panels.length, seven.panels[7]]).toEqual([4, 16, null])
  })
})

test('attention heads shows each head of the last layer, also when their number is odd', () => {
  const run = runOf('whisper')
  const figure = attentionHeadsFigure([{ run, layer: 2, answer: selfMapOf(run, [0, 1, 2, 3, 4]) }])
  expect(figure.title).toContain('layer 2, the last, each head')
  expect(panelsOf(figure).map((panel) => panel.title)).toEqual(
    [0, 1, 2, 3, 4].map((head) => `head ${head} · thunder.mp3`),
  )
})

describe('cross-attention', () => {
  const run = runOf('whisper')
  const figure = crossAttentionFigure([{ run, layer: 3, answer: crossMapOf(run, [0, 6], 250) }])
  const panel = figure.panels[0]!

  test('labels every row with its own token, the prompt marked', () => {
    expect(panel.y.ticks!.map((tick) => tick.label)).toEqual([
      'P <|startoftranscript|>  0',
      'P <|en|>  1',
      'P <|transcribe|>  2',
      'P <|notimestamps|>  3',
      '␣you  4',
      '<|endoftext|>  5',
    ])
    expect(panel.y.ticks!.map((tick) => tick.at)).toEqual([0.5, 1.5, 2.5, 3.5, 4.5, 5.5])
  })
  test('has seconds on x and leaves padding out', () => {
    expect(panel.x.title).toMatch(/^Time/)
    expect(heatmapOf(panel).x[1]).toBeCloseTo(4.99)
    expect(panel.subtitle).toContain('25 % of the weight on padding')
  })
  test('names the layer, the last, and its mean over heads', () => {
    expect(figure.title).toBe('Cross-attention of whisper-tiny: decoder layer 3, the last, mean over heads')
  })
  test('labels every nth of very many rows', () => {
    const long = {
      ...run,
      result: { ...run.result, tokens: Array.from({ length: 448 }, (_, i) => token(`t${i}`, i < 4)) },
    }
    const many = crossAttentionFigure([{ run: long, layer: 3, answer: crossMapOf(long, [0, 448], 250) }])
    expect(many.panels[0]!.y.ticks!.length).toBeLessThan(80)
    expect(many.panelSize.height).toBeLessThanOrEqual(900)
  })
})

describe('attention over the spectrogram', () => {
  const run = runOf('whisper')
  const answer = {
    ...crossMapOf(run, [4, 6], 1500),
    maps: [{ head: 'mean' as const, raster: rasterOf(2, 1500, (_, key) => (key < 250 ? 0.001 : 0.0006)) }],
  }
  const figure = attentionOverSpectrogramFigure([{ run, layer: 3, features: featuresOf(run), answer }])

  test('puts spectrogram and total on one axis in seconds', () => {
    expect(figure.panels.map((panel) => panel!.x.range)).toEqual([
      [0, 5],
      [0, 5],
    ])
    const total = curveOf(figure.panels[1])
    expect([total.x[0], total.x.at(-1)]).toEqual([0, 4.98])
    expect(heatmapOf(figure.panels[0]).x[1]).toBeCloseTo(4.995)
  })
  test('sums the rows given and states what lies on padding', () => {
    expect(curveOf(figure.panels[1]).y[0]).toBeCloseTo(0.002)
    expect(figure.panels[1]!.subtitle).toBe('sum over 2 generated tokens · 75 % of it on padding')
  })
  test('sums generated rows only, or all where every token was given', () => {
    expect(summedRows(run)).toEqual([4, 6])
    const given = { ...run, result: { ...run.result, tokens: [token('a', true), token('b', true)] } }
    expect(summedRows(given)).toEqual([0, 2])
  })
})

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isPatchGrid, timeOf } from '../../../src/contract/grid.ts'
import { RunOptions, type Run, type RunProgress } from '../../../src/contract/run.ts'
import { openArrayFile } from '../../../src/engine/export/array-file.ts'
import { exportWindows, joinedOf } from '../../../src/engine/export/export-windows.ts'
import { hearRegion, type HeardRegion } from '../../../src/engine/export/run-windows.ts'
import { writeReport } from '../../../src/engine/export/report.ts'
import { createEngine, type Engine } from '../../../src/engine/index.ts'
import { root } from '../../../src/engine/paths.ts'
import { readSafetensors } from '../../../src/formats/safetensors.ts'
import { writeWav } from '../../../src/formats/wav.ts'
import { loadJson } from '../../golden/load.ts'
import { goldenModel, starters } from '../../support/models.ts'
import { repeatedVoice } from '../../support/sounds.ts'

/** A long region in windows, joined: equal to numpy's join, and to the run itself where there is one window. */

interface Golden {
  text: string
  characters: [text: string, start: number, end: number, probability: number][]
  hidden: { shape: [number, number]; every: number; values: number[] }
}
const golden = loadJson<Golden>(join(root, 'tests', 'golden', 'windows.json'))
const [rate, seconds] = [16_000, 62]
const folder = mkdtempSync(join(tmpdir(), 'otoscope-join-'))
let engine: Engine
let recording: string

beforeAll(async () => {
  engine = await createEngine({ cacheFolder: join(folder, 'cache'), threads: 1, host: 'tests' })
  writeFileSync(join(folder, 'long.wav'), writeWav({ rate, channels: [repeatedVoice(seconds)] }))
  recording = (await engine.client.host['files.open']({ path: join(folder, 'long.wav') })).id
})
afterAll(async () => {
  await engine?.close()
  rmSync(folder, { recursive: true, force: true })
})

const hear = (model: string, region: [number, number], part?: (progress: RunProgress) => void): Promise<HeardRegion> =>
  hearRegion(engine.client.engine, { recording, region, model, device: 'cpu' }, { part })
const write = async (heard: HeardRegion, taps: string[]) => {
  const path = join(folder, 'x.safetensors')
  const file = openArrayFile(path)
  const metadata = await exportWindows(engine.arraySource(heard.heard[0]!.run.model.id), heard, file, {
    taps,
    heads: [0],
  })
  file.commit()
  return { metadata, tensors: readSafetensors(readFileSync(path)).tensors }
}
const stored = (run: Run, tap: string): number[] => Array.from(engine.store.tensor(run.id, tap).data, Number)

describe('a waveform model over three windows', () => {
  let heard: HeardRegion
  beforeAll(async () => {
    heard = await hear(starters.wav2vec2, [0, seconds])
  }, 120_000)

  test('its characters are those of one sequence of steps, as numpy joins them', () => {
    const { text, characters } = joinedOf(heard)
    expect(text).toBe(golden.text)
    expect(characters!.map((one) => one.text).join('')).toBe(golden.characters.map(([text]) => text).join(''))
    characters!.forEach(({ start, end, probability }, i) => {
      const wanted = golden.characters[i]!
      for (const [value, other] of [
        [start, wanted[1]],
        [end, wanted[2]],
        [probability, wanted[3]],
      ] as const)
        expect(Math.abs(value - other)).toBeLessThan(1e-4)
    })
  })

  test('its hidden states are the rows that numpy keeps, and the metadata says whose each is', async () => {
    const { tensors, metadata } = await write(heard, ['encoder.hidden.5', 'tokens', 'features', 'encoder.attention.0'])
    const { shape, data } = tensors.get('encoder.hidden.5')!
    expect(shape).toEqual(golden.hidden.shape)
    golden.hidden.values.forEach((value, i) =>
      expect(Math.abs(Number(data[i * golden.hidden.every]) - value)).toBeLessThan(1e-4 * Math.max(1, Math.abs(value))),
    )
    expect(tensors.get('features')!.shape).toEqual([rate * seconds])
    expect(tensors.get('tokens')!.shape).toEqual([shape[0]])
    // attention is of each window
    const names = [...tensors.keys()].filter((name) => name.includes('attention'))
    expect(names.sort()).toEqual([0, 1, 2].map((i) => `window.${i}.encoder.attention.0`))
    expect(metadata).toMatchObject({ region: [0, 62], seams: [20.667, 41.333], joined: { text: golden.text } })
    const pieces = metadata.pieces.encoder!
    expect(pieces.map(({ window }) => window)).toEqual([0, 1, 2])
    expect(pieces.map(({ at }) => at)).toEqual([0, pieces[0]!.count, pieces[0]!.count + pieces[1]!.count])
    // seconds rise by a step within a window, and by no more than two over a seam
    const centres = pieces.flatMap(({ count, start, step }) =>
      Array.from({ length: count }, (_, i) => start + i * step),
    )
    const steps = centres.slice(1).map((at, i) => at - centres[i]!)
    expect(Math.min(...steps)).toBeGreaterThan(0)
    expect(Math.max(...steps)).toBeLessThan(0.04)
  })

  test('what is stored is not computed again', async () => {
    const parts: RunProgress[] = []
    const again = await hear(starters.wav2vec2, [0, seconds], (part) => parts.push(part))
    expect(again.heard.map(({ run }) => run.fromStore)).toEqual([true, true, true])
    expect(parts).toEqual([])
  })
})

test('a region that one window holds is the run itself', async () => {
  const heard = await hear(starters.wav2vec2, [0, 4])
  const { run } = heard.heard[0]!
  const { text, characters } = joinedOf(heard)
  expect(text).toBe(run.result.text)
  expect(characters!.length).toBeGreaterThan(20)
  expect(characters!.map(({ text, start, end, probability }) => ({ text, start, end, probability }))).toEqual(
    run.result.characters!.map((one) => ({
      ...one,
      start: expect.closeTo(one.start, 9) as number,
      end: expect.closeTo(one.end, 9) as number,
    })),
  )
  const { tensors } = await write(heard, ['encoder.hidden.3', 'logits'])
  for (const tap of ['encoder.hidden.3', 'logits']) expect([...tensors.get(tap)!.data]).toEqual(stored(run, tap))
})

test("AST's columns are joined band by band; special tokens and labels have a row for each window", async () => {
  const heard = await hear(starters.ast, [0, 25])
  const { tensors } = await write(heard, ['encoder.hidden.2', 'logits', 'features'])
  const grid = heard.heard[0]!.run.grids.encoder
  if (!isPatchGrid(grid)) throw new Error('no patches')
  const { shape, data } = tensors.get('encoder.hidden.2')!
  const [bands, columns, width] = shape as [number, number, number]
  const { count } = timeOf(grid)
  // of the last window those whose centres lie after 20.48 s
  const last = heard.heard[2]!.run
  const from = Math.ceil((20.48 - timeOf(last.grids.encoder).start) / grid.time.step)
  expect([bands, columns]).toEqual([grid.bands, 3 * count - from])
  const states = heard.heard.map(({ run }) => stored(run, 'encoder.hidden.2'))
  const at = (window: number, band: number, column: number): number[] => {
    const row = grid.special + band * count + column
    return states[window]!.slice(row * width, (row + 1) * width)
  }
  const joined = (band: number, column: number): number[] =>
    Array.from(data.slice((band * columns + column) * width, (band * columns + column + 1) * width), Number)
  for (const band of [0, bands - 1]) {
    expect(joined(band, 1)).toEqual(at(0, band, 1))
    expect(joined(band, count + 2)).toEqual(at(1, band, 2))
    expect(joined(band, 2 * count)).toEqual(at(2, band, from))
    expect(joined(band, columns - 1)).toEqual(at(2, band, count - 1))
  }
  expect(tensors.get('encoder.hidden.2.special')!.shape).toEqual([3, grid.special, width])
  expect([...tensors.get('logits')!.data]).toEqual(heard.heard.flatMap(({ run }) => stored(run, 'logits')))
  expect(joinedOf(heard).windows.map(({ labels }) => labels![0]!.label)).toEqual(
    heard.heard.map(({ run }) => run.result.labels!.items.toSorted((a, b) => b.score - a.score)[0]!.label),
  )
})

test('a report shows all of the region, and says of which window its attention is', async () => {
  const out = join(folder, 'report')
  const recordings = [{ recording, region: [0, 25] as [number, number] }]
  const common = { recordings, models: [starters.ast], options: RunOptions.parse({}), device: 'cpu' as const }
  await writeReport(engine.client.engine, { ...common, out, formats: ['svg'], command: [] }, {})
  const read = (path: string): string => readFileSync(join(out, path), 'utf8')
  const states = read('figures/hidden-states.svg')
  expect(states).toContain('ast-starter heard long.wav in 3 windows')
  expect(states).toContain('long.wav, 0–25 s')
  expect(states.match(/<image /g)!.length).toBeGreaterThanOrEqual(3)
  expect(read('figures/encoder-attention.svg')).toContain('window 1 of 3, 0–10.24 s')
  expect(
    read('tables/inputs.csv')
      .trimEnd()
      .split('\r\n')
      .map((line) => line.split(',').at(-1)),
  ).toEqual(['window', '0', '1', '2'])
  expect(read('tables/text.csv')).toMatch(/,label,[^,]+,20\.48,25,0\.\d/)
  expect(JSON.parse(read('manifest.json'))).toMatchObject({ recordings: [{ region: [0, 25] }], runs: [{}, {}, {}] })

  const looked = { ...common, recordings: [{ ...recordings[0]!, at: 15 }] }
  const { bytes } = await engine.client.engine['figures.draw']({ ...looked, figure: 'attention-heads', format: 'svg' })
  expect(Buffer.from(bytes).toString()).toContain('window 2 of 3, 10.24–20.48 s')
})

test("Whisper's mel frames are joined row by row, its words stand in their windows, and its tokens stay apart", async () => {
  const { id } = await engine.client.host['models.open']({ model: goldenModel('whisper-sdpa-17') })
  const heard = await hear(id, [1, 4.5]) // this one hears 2 s
  const { tensors } = await write(heard, ['features', 'tokens'])
  const { shape, data } = tensors.get('features')!
  expect(shape).toEqual([80, 350])
  const [first, last] = heard.heard.map(({ run }) => stored(run, 'features')) as [number[], number[]]
  for (const mel of [0, 79]) {
    const row = Array.from(data.slice(mel * 350, (mel + 1) * 350), Number)
    expect(row.slice(0, 200)).toEqual(first.slice(mel * 200, (mel + 1) * 200))
    expect(row.slice(200)).toEqual(last.slice(mel * 200 + 50, (mel + 1) * 200))
  }
  expect([...tensors.keys()].sort()).toEqual(['features', 'window.0.tokens', 'window.1.tokens'])
  const { words } = joinedOf(heard)
  for (const { start, end, window } of words!) expect((start + end) / 2 >= 3).toBe(window === 1)
})

test('results that the cache could not hold together are refused before anything runs', async () => {
  await engine.client.engine['settings.change']({ cacheLimit: 10e6 })
  try {
    await expect(hear(starters.wav2vec2, [0.5, 61.5])).rejects.toMatchObject({
      code: 'no-space',
      message: expect.stringMatching(/on the 3 windows of this region take about .* and the cache may hold/) as string,
    })
  } finally {
    await engine.client.engine['settings.change']({ cacheLimit: 4e9 })
  }
})

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isPatchGrid, secondsAt, timeOf } from '../../../src/contract/grid.ts'
import { RunOptions, type Run, type RunProgress } from '../../../src/contract/run.ts'
import { openArrayFile } from '../../../src/engine/export/array-file.ts'
import { exportWindows, joinedOf, type arraysCard } from '../../../src/engine/export/export-windows.ts'
import { hearRegion, type HeardRegion } from '../../../src/engine/export/run-windows.ts'
import { writeReport } from '../../../src/engine/export/report.ts'
import { createEngine, type Engine } from '../../../src/engine/index.ts'
import { root } from '../../../src/engine/paths.ts'
import { readNpz, textOf } from '../../../src/formats/npz.ts'
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
/** as a pane saves it: one tap of all windows */
const save = (model: string, region: [number, number], tap: string, format: 'npz' | 'csv', signal?: AbortSignal) =>
  engine.client.engine['runs.saveWindows'](
    { recording, region, model, device: 'cpu', tap, format },
    signal ? { signal } : {},
  )
const unpacked = ({ bytes }: { bytes: Uint8Array }) => {
  const arrays = readNpz(bytes)
  const text = textOf(arrays.get('__metadata__')!.data as Uint8Array)
  return { arrays, metadata: JSON.parse(text) as ReturnType<typeof arraysCard> & { missing: unknown[] } }
}
const linesOf = ({ bytes }: { bytes: Uint8Array }): string[][] =>
  new TextDecoder()
    .decode(bytes)
    .trimEnd()
    .split('\r\n')
    .map((line) => line.split(','))
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

  test('a pane saves what export writes, and a table says of each line which window and second it is', async () => {
    const region: [number, number] = [0, seconds]
    const file = await save(starters.wav2vec2, region, 'encoder.hidden.5', 'npz')
    const { arrays, metadata } = unpacked(file)
    const exported = await write(heard, ['encoder.hidden.5'])
    expect(arrays.get('encoder.hidden.5')).toEqual(exported.tensors.get('encoder.hidden.5'))
    expect(file).toMatchObject({
      name: 'long wav2vec2-starter encoder.hidden.5 3 windows.npz',
      windows: 3,
      missing: [],
    })
    const { limits, joined, ...made } = JSON.parse(JSON.stringify(exported.metadata)) as typeof exported.metadata
    expect([limits.heads, joined.text]).toEqual([[0], golden.text])
    expect(metadata).toEqual({ ...made, missing: [] })

    const [header, ...lines] = linesOf(await save(starters.wav2vec2, region, 'logits', 'csv'))
    expect(header!.slice(0, 4)).toEqual(['window', 'step', 'seconds', 'vocabulary 0'])
    const pieces = metadata.pieces['encoder']!
    expect(lines).toHaveLength(pieces.reduce((sum, { count }) => sum + count, 0))
    for (const { window, at, from, count, start, step } of pieces) {
      const own = stored(heard.heard[window]!.run, 'logits')
      const width = header!.length - 3
      for (const i of [0, count - 1]) {
        const [inWindow, own_step, second, ...values] = lines[at + i]!.map(Number)
        expect([inWindow, own_step]).toEqual([window, from + i])
        expect(second).toBeCloseTo(start + i * step, 9)
        expect(values).toEqual(own.slice((from + i) * width, (from + i + 1) * width))
      }
    }
  })

  test('attention is not saved of all windows, and a save can be cancelled', async () => {
    await expect(save(starters.wav2vec2, [0, seconds], 'encoder.attention.0', 'npz')).rejects.toMatchObject({
      code: 'bad-input',
      message: 'encoder.attention.0 stays within its window: save it of one window',
    })
    const controller = new AbortController()
    const saving = save(starters.wav2vec2, [0, seconds], 'encoder.hidden.1', 'csv', controller.signal)
    controller.abort()
    await expect(saving).rejects.toMatchObject({ code: 'cancelled' })
    // of one window the file says which
    const { run, window } = heard.heard[1]!
    const one = await engine.client.engine['runs.save']({
      run: run.id,
      tap: 'encoder.attention.0',
      format: 'npz',
      heads: [0],
      window: { index: 1, count: 3, shown: window.shown },
    })
    expect(one.name).toBe('long wav2vec2-starter encoder.attention.0 window 2 of 3.npz')
    expect(unpacked(one).metadata).toMatchObject({ window: { index: 1, count: 3, shown: window.shown } })
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

  // the same numbers from a pane; of a longer region the first two windows are the same, and the rest has not run
  const tap = 'encoder.hidden.2'
  const saved = unpacked(await save(starters.ast, [0, 25], tap, 'npz')).arrays
  for (const name of [tap, `${tap}.special`]) expect(saved.get(name)).toEqual(tensors.get(name))
  const longer = await save(starters.ast, [0, 35], tap, 'npz')
  expect(longer).toMatchObject({ name: `long ast-starter ${tap} 2 of 4 windows.npz`, windows: 4, missing: [2, 3] })
  const { metadata, arrays } = unpacked(longer)
  expect(arrays.get(tap)!.shape).toEqual([bands, 2 * count, width])
  expect(metadata).toMatchObject({
    region: [0, 35],
    seams: [10.24, 20.48, 30.72],
    windows: [{ window: 0 }, { window: 1 }],
    missing: [
      { window: 2, shown: [20.48, 30.72] },
      { window: 3, shown: [30.72, 35] },
    ],
  })
  const [header, ...lines] = linesOf(await save(starters.ast, [0, 25], tap, 'csv'))
  expect(header!.slice(0, 5)).toEqual(['window', 'band', 'column', 'seconds', 'width 0'])
  expect(lines).toHaveLength(bands * columns)
  const line = lines[columns + 2 * count]!.map(Number)
  expect(line.slice(0, 3)).toEqual([2, 1, from])
  expect(line[3]).toBeCloseTo(secondsAt(timeOf(last.grids.encoder), from), 9)
  expect(line.slice(4)).toEqual(at(2, 1, from))
  const [labelHeader, ...rows] = linesOf(await save(starters.ast, [0, 25], 'logits', 'csv'))
  expect(labelHeader!.slice(0, 4)).toEqual(['window', 'start (s)', 'end (s)', 'label 0'])
  expect(rows.map((row) => row.slice(0, 3).map(Number))).toEqual([
    [0, 0, 10.24],
    [1, 10.24, 20.48],
    [2, 20.48, 25],
  ])
  expect(rows[2]!.slice(3).map(Number)).toEqual(stored(last, 'logits'))
  await expect(save(starters.ast, [26, 60], tap, 'npz')).rejects.toThrow(/none of this region’s windows has run/)
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
  // in a table a line is a frame
  const [header, ...lines] = linesOf(await save(id, [1, 4.5], 'features', 'csv'))
  expect([header!.slice(0, 4), header!.length, lines.length]).toEqual([
    ['window', 'frame', 'seconds', 'mel 0'],
    83,
    350,
  ])
  for (const frame of [0, 199, 200, 349])
    expect(lines[frame]!.slice(3).map(Number)).toEqual(Array.from({ length: 80 }, (_, mel) => data[mel * 350 + frame]))
  expect(lines[210]!.slice(0, 2)).toEqual(['1', '60'])
  expect(Number(lines[210]![2])).toBeCloseTo(3.1, 6)
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

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { HearQuery, Hearing } from '../../../src/contract/engine.ts'
import { secondsAt, timeOf, type PatchGrid } from '../../../src/contract/grid.ts'
import type { Recording } from '../../../src/contract/recording.ts'
import type { Run } from '../../../src/contract/run.ts'
import { createEngine, type Engine } from '../../../src/engine/index.ts'
import { resource } from '../../../src/engine/paths.ts'
import { decodeWavFrames, readWavLayout } from '../../../src/formats/wav.ts'
import { gainAt } from '../../../src/signal/gain.ts'
import { largestError } from '../../golden/load.ts'
import { starters } from '../../support/models.ts'
import { click } from '../../support/sounds.ts'

/** What is heard of shipped recordings through rows of the shipped models, by the whole engine. */

const folder = mkdtempSync(join(tmpdir(), 'otoscope-hear-'))
let engine: Engine
const recordings: Record<'chimes' | 'click', Recording> = {} as never

beforeAll(async () => {
  engine = await createEngine({ cacheFolder: folder, threads: 1, host: 'a test' })
  const path = join(folder, 'click.wav')
  writeFileSync(path, click(2, 1.2))
  const open = engine.client.host['files.open']
  // two channels at 24 kHz
  recordings.chimes = await open({ path: resource('recordings', 'chimes.wav') })
  recordings.click = await open({ path })
})
afterAll(async () => {
  await engine.close()
  rmSync(folder, { recursive: true })
})

const run = (recording: Recording, model: string): Promise<Run> =>
  engine.client.engine['runs.start']({ recording: recording.id, region: [0.5, 2], model })
const hear = (id: string, changes: Partial<HearQuery> & Pick<HearQuery, 'tap'>): Promise<Hearing> =>
  engine.client.engine['runs.hear']({ run: id, heads: [1], index: 4, part: 'attended', ...changes })
const channelsOf = (bytes: Uint8Array): Float32Array[] => {
  const layout = readWavLayout((at, length) => bytes.subarray(at, at + length), bytes.length)
  return decodeWavFrames(layout, bytes.subarray(layout.dataStart))
}
const wholeOf = async (recording: Recording): Promise<Float32Array[]> => {
  const file = await engine.client.engine['recordings.audio']({ recording: recording.id, region: [0.5, 2] })
  return channelsOf(file.bytes)
}
/** each file rounds to 16 bits on its own */
const rounding = 1.6 / 32_768

test.for([
  { model: starters.whisper, mask: 'time' as const },
  { model: starters.wav2vec2, mask: 'time' as const },
  { model: starters.ast, mask: 'time' as const },
  { model: starters.ast, mask: 'patches' as const },
])(
  '$model in $mask: attended and not attended sum to the sound, all channels, same length',
  async ({ model, mask }) => {
    const { id } = await run(recordings.chimes, model)
    const tap = 'encoder.attention.2'
    const [attended, rest] = [await hear(id, { tap, mask }), await hear(id, { tap, mask, part: 'rest' })]
    const whole = await wholeOf(recordings.chimes)
    const [one, other] = [channelsOf(attended.file.bytes), channelsOf(rest.file.bytes)]
    expect(one).toHaveLength(2)
    for (const [channel, samples] of whole.entries()) {
      const sum = one[channel]!.map((value, i) => value + other[channel]![i]!)
      expect(largestError(sum, samples)).toBeLessThan(rounding)
    }
    expect(attended.energy).toBeGreaterThan(0)
    expect(attended.energy).toBeLessThan(1)
    expect(attended.file.name).toContain(`chimes attended ${model} encoder.attention.2 head 1`)
  },
)

test('in time the sound is the row over its greatest weight on audio; at random the same weights lie elsewhere', async () => {
  const { id, grids } = await run(recordings.chimes, starters.whisper)
  const tap = 'encoder.attention.2'
  const { valid } = timeOf(grids.encoder)
  const line = await engine.client.engine['runs.attentionLine']({ run: id, tap, heads: [1], line: 'row', index: 4 })
  const heard = line.values.subarray(0, valid)
  const most = heard.reduce((a, b) => Math.max(a, b))
  const { gain, grid, file } = await hear(id, { tap })
  expect(
    largestError(
      gain,
      heard.map((weight) => weight / most),
    ),
  ).toBeLessThan(1e-6)

  const [whole, masked] = [(await wholeOf(recordings.chimes))[0]!, channelsOf(file.bytes)[0]!]
  const expected = whole.map((value, n) => value * gainAt(gain, (0.5 + n / 24_000 - grid.start) / grid.step))
  expect(largestError(masked, expected)).toBeLessThan(rounding)

  const random = await hear(id, { tap, part: 'random' })
  expect(random.gain.toSorted()).toEqual(gain.toSorted())
  expect(random.gain).not.toEqual(gain)
  expect((await hear(id, { tap, part: 'random' })).gain).toEqual(random.gain)
})

test('a click is heard as loud as the row weighs its moment', async () => {
  const { id } = await run(recordings.click, starters.wav2vec2)
  const peakOf = ({ file }: Hearing): number =>
    channelsOf(file.bytes)[0]!.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  for (const index of [0, 20, 40, 60]) {
    const heard = await hear(id, { tap: 'encoder.attention.1', index })
    const at = gainAt(heard.gain, (1.2 - heard.grid.start) / heard.grid.step)
    expect(peakOf(heard)).toBeCloseTo(0.9 * at, 2)
    expect(secondsAt(heard.grid, 0)).toBeGreaterThan(0.5)
  }
})

test('patches are weighed by the mean or the greatest of the heads, and at random with equal mass', async () => {
  const { id, grids } = await run(recordings.chimes, starters.ast)
  const tap = 'encoder.attention.2'
  const patches = grids.encoder as PatchGrid
  const heard = await hear(id, { tap, mask: 'patches', heads: 'mean' })
  expect(heard.gain).toHaveLength(patches.time.valid)
  const most = await hear(id, { tap, mask: 'patches', heads: 'max' })
  expect(most.energy).not.toBe(heard.energy)
  const random = await hear(id, { tap, mask: 'patches', heads: 'mean', part: 'random' })
  const mass = (gain: Float32Array): number => gain.reduce((a, b) => a + b, 0)
  expect(mass(random.gain)).toBeCloseTo(mass(heard.gain), 4)
})

test('what cannot be heard is said', async () => {
  const whisper = await run(recordings.chimes, starters.whisper)
  await expect(hear(whisper.id, { tap: 'decoder.attention.0', index: 0 })).rejects.toThrow(
    'decoder.attention.0 does not look at sound: its keys have no place in time',
  )
  await expect(hear(whisper.id, { tap: 'encoder.attention.0', mask: 'patches' })).rejects.toThrow(/has no patches/)
  await expect(hear(whisper.id, { tap: 'encoder.attention.0', index: 5000 })).rejects.toMatchObject({
    code: 'bad-input',
  })
  const ast = await run(recordings.chimes, starters.ast)
  await expect(hear(ast.id, { tap: 'encoder.attention.0', mask: 'patches', index: 900 })).rejects.toThrow(
    /there is no row 900/,
  )
  const gone = await run(recordings.click, starters.wav2vec2)
  await engine.client.engine['recordings.close']({ recording: recordings.click.id })
  await expect(hear(gone.id, { tap: 'encoder.attention.0' })).rejects.toMatchObject({ code: 'not-found' })
})

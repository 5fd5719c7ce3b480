import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Recording } from '../../../src/contract/recording.ts'
import { createSounds } from '../../../src/engine/audio/sounds.ts'
import { createModelSounds } from '../../../src/engine/hearing/model-sounds.ts'
import { createEngine, type Engine } from '../../../src/engine/index.ts'
import { familyById } from '../../../src/engine/models/families/families.ts'
import { readConfigs } from '../../../src/engine/models/folder.ts'
import { createKnownModels } from '../../../src/engine/models/known.ts'
import { createRegistry } from '../../../src/engine/models/registry.ts'
import type { EngineParts } from '../../../src/engine/parts.ts'
import { resource } from '../../../src/engine/paths.ts'
import { decodeWavFrames, readWavLayout, writeWav } from '../../../src/formats/wav.ts'
import { floats, integers, largestError, loadTensors } from '../../golden/load.ts'
import { starters } from '../../support/models.ts'

/** What a model hears of a region against what runs were made of, and against Hugging Face's extractors. */

const folder = mkdtempSync(join(tmpdir(), 'otoscope-heard-by-'))
let engine: Engine
let parts: EngineParts
/** two channels at 24 kHz */
let chimes: Recording

beforeAll(async () => {
  engine = await createEngine({ cacheFolder: folder, threads: 1, host: 'a test' })
  const { store } = engine
  const sounds = createSounds({ known: store })
  const models = createKnownModels(createRegistry(store))
  parts = { store, sounds, models, settings: { threads: 1 } } as unknown as EngineParts
  const path = resource('recordings', 'chimes.wav')
  chimes = await engine.client.host['files.open']({ path })
  await sounds.open(path)
})
afterAll(async () => {
  await engine.close()
  rmSync(folder, { recursive: true })
})

const put = async (name: string, samples: Float32Array, rate = 16_000): Promise<Recording> => {
  const path = join(folder, name)
  writeFileSync(path, writeWav({ rate, channels: [samples] }, 'f32'))
  await parts.sounds.open(path)
  return engine.client.host['files.open']({ path })
}
const channelsOf = (bytes: Uint8Array): Float32Array[] => {
  const layout = readWavLayout((at, length) => bytes.subarray(at, at + length), bytes.length)
  return decodeWavFrames(layout, bytes.subarray(layout.dataStart))
}

test.for(Object.values(starters))(
  'what is shown of %s is bit for bit what its run was made of, at its own place',
  async (model) => {
    const region: [number, number] = [0.5004, 2]
    const { id } = await engine.client.engine['runs.start']({ recording: chimes.id, region, model })
    const { samples, card, first } = await createModelSounds(parts).of(chimes.id, { model, region })
    const { family, preprocessor } = readConfigs(resource('models', model))
    const fed = engine.store.tensor(id, 'features').data
    expect(family.axes(preprocessor)[0] === 'sample' ? samples : family.features(samples, preprocessor).data).toEqual(
      fed,
    )
    expect(first).toBe(8006)
    expect(card).toMatchObject({ region: [8006 / 16_000, 2], recording: { id: chimes.id, rate: 16_000, channels: 1 } })
    expect(card.done[0]).toBe('16 kHz, mixed to one channel')
  },
)

test('what was done is said: padding of samples and of frames, and the level', async () => {
  const done = async (model: string): Promise<string[]> => {
    const heardBy = { model, region: [0, 2] as [number, number] }
    return (await engine.client.engine['recordings.heardBy']({ recording: chimes.id, heardBy })).done.slice(1)
  }
  const { preprocessor } = readConfigs(resource('models', starters.whisper))
  const zeros = familyById.whisper.filled!(preprocessor)! / 16_000 - 2
  expect(await done(starters.whisper)).toEqual([`padded with ${zeros.toFixed(1)} s of zeros`])
  expect(await done(starters.wav2vec2)).toEqual(['zero mean, unit variance'])
  expect((await done(starters.ast))[0]).toMatch(/^padded with \d+\.\d s of empty frames$/)
})

test.for(['sweep', 'click', 'faint', 'loud', 'offset'])(
  'Wav2Vec2 hears of %s what Hugging Face’s extractor gives it',
  async (signal) => {
    const goldens = loadTensors(new URL('../../golden/features/features.safetensors', import.meta.url))
    const recording = await put(`${signal}.wav`, floats(goldens, `${signal}.samples`))
    const heardBy = { model: starters.wav2vec2, region: [0, recording.seconds] as [number, number] }
    const { samples } = await createModelSounds(parts).of(recording.id, heardBy)
    const kept = integers(goldens, `${signal}.wav2vec2.kept`)
    const actual = kept.map((i) => samples[i]!)
    expect(largestError(actual, floats(goldens, `${signal}.wav2vec2`))).toBeLessThan(1e-4)
  },
)

test('of 96 kHz a tone above the model’s 8 kHz is gone, a click stays at its second, and nothing is beyond the region', async () => {
  const [rate, at] = [96_000, 1.25]
  const sound = Float32Array.from({ length: 2 * rate }, (_, n) => 0.3 * Math.sin((2 * Math.PI * 12_000 * n) / rate))
  for (let i = -6; i < 6; i++) sound[at * rate + i] = 0.9
  const recording = await put('above.wav', sound, rate)
  const { engine: client } = engine.client
  const asked = { recording: recording.id, heardBy: { model: starters.whisper, region: [1, 1.5] as [number, number] } }
  const peaks = await client['recordings.peaks']({ ...asked, range: [0.5, 2], columns: 1500 })
  const loud = [...peaks.max.keys()].filter((i) => Math.max(peaks.max[i]!, -peaks.min[i]!) > 0.05)
  expect(loud.every((i) => Math.abs(0.5 + i / 1000 - at) < 0.003)).toBe(true)
  expect(loud.length).toBeGreaterThan(0)
  expect([...peaks.rms.slice(0, 500), ...peaks.rms.slice(1000)].every((value) => value === 0)).toBe(true)
  const { hertz, raster } = await client['recordings.spectrogram']({
    ...asked,
    range: [1, 1.5],
    width: 100,
    height: 200,
  })
  expect(hertz.at(-1)).toBe(8000)
  // between the click and the edges, where the tone is cut off
  for (const column of [6, 10, 21, 25])
    for (let row = 0; row < raster.rows; row++) expect(raster.data[row * raster.columns + column]).toBeLessThan(-70)
  const { bytes } = await client['recordings.audio']({ ...asked, region: [0, 2] })
  expect(channelsOf(bytes).map(({ length }) => length)).toEqual([8000])
})

test('a sound of unit variance is played as loud as its recording, without its mean', async () => {
  const sound = Float32Array.from({ length: 32_000 }, (_, n) => 0.2 + 0.05 * Math.sin(n / 7))
  const recording = await put('quiet.wav', sound)
  const heardBy = { model: starters.wav2vec2, region: [0, 2] as [number, number] }
  const { bytes } = await engine.client.engine['recordings.audio']({ recording: recording.id, heardBy, region: [0, 2] })
  const mean = sound.reduce((sum, x) => sum + x, 0) / sound.length
  const expected = sound.map((value) => value - mean)
  expect(largestError(channelsOf(bytes)[0]!, expected)).toBeLessThan(1 / 32_768)
  const { loudest } = await engine.client.engine['recordings.heardBy']({ recording: recording.id, heardBy })
  expect(loudest).toBeCloseTo(Math.SQRT2, 2)
  const { lufs } = await engine.client.engine['recordings.loudness']({
    recording: recording.id,
    heardBy,
    region: [0, 2],
  })
  expect(lufs).toBeLessThan(-20)
})

test.for([
  [starters.ast, 25],
  [starters.wav2vec2, 70],
] as const)(
  'a long region is heard in the windows that %s is run in, joined where they are',
  async ([model, seconds]) => {
    const rate = 22_050
    const loudness = (n: number): number => 0.02 + (0.5 * n) / (seconds * rate)
    const sound = Float32Array.from({ length: seconds * rate }, (_, n) => loudness(n) * Math.sin(n / 9 + n ** 2 / 1e9))
    const recording = await put(`long for ${model}.wav`, sound, rate)
    const region: [number, number] = [0.25, seconds]
    const sounds = createModelSounds(parts)
    const joined = await sounds.of(recording.id, { model, region })
    const windows = await engine.client.engine['runs.windows']({ recording: recording.id, region, model })
    expect(windows).toHaveLength(3)
    expect(joined.card.done.at(-1)).toBe('3 windows, each by itself')
    expect(joined.card.region).toEqual([0.25, seconds])
    const parted = new Float32Array(joined.samples.length).fill(NaN)
    for (const { region, shown } of windows) {
      const alone = await sounds.of(recording.id, { model, region })
      const [from, to] = shown.map((at) => Math.round(at * 16_000))
      parted.set(alone.samples.subarray(from! - alone.first, to! - alone.first), from! - joined.first)
    }
    expect(joined.samples).toEqual(parted)
    // played, a window that was made louder is as loud as it was
    const { bytes } = await engine.client.engine['recordings.audio']({
      recording: recording.id,
      heardBy: { model, region },
      region,
    })
    const played = channelsOf(bytes)[0]!
    expect(played).toHaveLength((seconds - 0.25) * 16_000)
    for (let at = 8000; at < played.length; at += 40_000) {
      const peak = played.subarray(at, at + 4000).reduce((most, value) => Math.max(most, Math.abs(value)), 0)
      expect(Math.abs(peak - loudness((0.25 + (at + 2000) / 16_000) * rate))).toBeLessThan(0.01)
    }
    const tooLong = { model, region: [0, 601] as [number, number] }
    const longer = await put('eleven minutes.wav', new Float32Array(660 * 8000).fill(0.1), 8000)
    await expect(sounds.of(longer.id, tooLong)).rejects.toThrow('what a model hears is shown of 10 minutes at most')
  },
)

test.for([
  [starters.ast, 0.2504],
  [starters.ast, 0.2506],
  [starters.wav2vec2, 0.2504],
  [starters.wav2vec2, 0.2506],
] as const)('%s hears all of a long region that begins at %d s, between two milliseconds', async ([model, start]) => {
  const recording = await put(
    'all alike.wav',
    new Float32Array(70 * 16_000).map((_, n) => 0.2 + 0.1 * (n % 2)),
  )
  const region: [number, number] = [start, 70]
  const sounds = createModelSounds(parts)
  const { samples, first } = await sounds.of(recording.id, { model, region })
  const [window] = await engine.client.engine['runs.windows']({ recording: recording.id, region, model })
  const alone = await sounds.of(recording.id, { model, region: window!.region })
  expect(first).toBe(alone.first)
  expect(samples.subarray(0, 16_000)).toEqual(alone.samples.subarray(0, 16_000))
  expect(samples.every((value) => value !== 0)).toBe(true)
})

test('what a run would refuse is refused, and an unknown recording too', async () => {
  const asked = { model: starters.ast, region: [0, 0.001] as [number, number] }
  const heard = (recording: string) => engine.client.engine['recordings.heardBy']({ recording, heardBy: asked })
  await expect(heard(chimes.id)).rejects.toMatchObject({ code: 'bad-region' })
  await expect(heard('nothing')).rejects.toMatchObject({ code: 'not-found' })
})

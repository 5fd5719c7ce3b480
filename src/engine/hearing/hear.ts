import type { Hearing, HearQuery } from '../../contract/engine.ts'
import { EngineError } from '../../contract/errors.ts'
import { isPatchGrid, secondsAt, type PatchGrid, type TimeGrid } from '../../contract/grid.ts'
import type { Run } from '../../contract/run.ts'
import { startWav } from '../../formats/wav.ts'
import { gainAt, gainsOf } from '../../signal/gain.ts'
import { maskSize, maskSound } from '../../signal/masked-stft.ts'
import { bandPlaces, meanOverBands, patchMask, type PatchGains } from '../../signal/patch-mask.ts'
import type { Sounds, SoundRegion } from '../audio/sounds.ts'
import { joinBlocks } from '../audio/decode.ts'
import { readConfigs } from '../models/folder.ts'
import { createPace } from '../pace.ts'
import { rowWeights, type RowSource } from './row-weights.ts'

/** The region's sound, masked, in blocks of channels from its first frame on, and as it was. */
type Masked = AsyncIterable<{ before: Float32Array[]; after: Float32Array[] }>

/**
 * The sound of a run's region as one attention row weighs it, at the recording's rate and with its channels, made in slices. Throws
 * `not-found` where the recording is not open, and what `rowWeights` throws.
 */
export const hear = async (
  source: RowSource & { sounds: Pick<Sounds, 'region'> },
  run: Run,
  input: HearQuery,
  signal: AbortSignal,
): Promise<Hearing> => {
  const sound = source.sounds.region(run.recording.id, run.region, signal)
  const { weights, bands, columns, grid } = await rowWeights(source, run, input, signal)
  const mask: PatchGains = { gains: gainsOf(weights, input.part), bands, columns }
  const { encoder } = run.grids
  const patches =
    isPatchGrid(encoder) && input.mask === 'patches' ? { ...mask, ...filtersOf(encoder, source.place) } : null
  const masked = patches ? inPatches(sound, patches, grid, input, signal) : inTime(sound, mask, grid)
  const { rate, channels } = sound.recording
  const file = startWav({ rate, channels, frames: sound.frames[1] - sound.frames[0] })
  const pace = createPace(signal)
  let [first, heard, whole] = [0, 0, 0]
  for await (const { before, after } of masked) {
    file.put(after, first)
    first += after[0]?.length ?? 0
    whole += energyOf(before)
    heard += energyOf(after)
    await pace()
  }
  return {
    file: { name: fileName(run, input, grid), mime: 'audio/wav', bytes: file.bytes },
    gain: meanOverBands(mask),
    grid,
    patches,
    energy: whole > 0 ? heard / whole : 0,
  }
}

async function* inTime({ recording, frames, blocks }: SoundRegion, { gains }: PatchGains, grid: TimeGrid): Masked {
  const stepOf = stepOfFrame(grid, recording.rate)
  let first = frames[0]
  for await (const before of blocks) {
    const at = first
    const envelope = Float32Array.from(before[0] ?? [], (_, i) => gainAt(gains, stepOf(at + i)))
    yield { before, after: before.map((samples) => samples.map((sample, i) => sample * envelope[i]!)) }
    first += envelope.length
  }
}

/** How the model's filters lie under the patches. */
const filtersOf = ({ mel: layout }: PatchGrid, place: RowSource['place']) => {
  const { family, preprocessor } = readConfigs(place.modelFolder)
  const centres = family.bandHertz(preprocessor)
  if (!centres || !layout) throw new EngineError('bad-input', 'it is not known which frequencies the patches cover')
  return { layout, centres }
}

async function* inPatches(
  { recording, frames, blocks }: SoundRegion,
  mask: NonNullable<Hearing['patches']>,
  grid: TimeGrid,
  { part }: HearQuery,
  signal: AbortSignal,
): Masked {
  const before = await joinBlocks(blocks, recording.channels)
  const size = maskSize(recording.rate)
  const places = bandPlaces(mask.centres, mask.layout, mask.bands, { bins: size / 2 + 1, rate: recording.rate })
  const stepOf = stepOfFrame(grid, recording.rate)
  const frameMask = patchMask(mask, places, (sample) => stepOf(frames[0] + sample), part === 'rest' ? 1 : 0)
  const pace = createPace(signal)
  const after: Float32Array[] = []
  for (const samples of before) {
    const going = maskSound(samples, size, frameMask)
    let next = going.next()
    for (; !next.done; next = going.next()) await pace()
    after.push(next.value)
  }
  for (let at = 0; at < (before[0]?.length ?? 0); at += framesPerSlice) {
    const slice = (samples: Float32Array): Float32Array => samples.subarray(at, at + framesPerSlice)
    yield { before: before.map(slice), after: after.map(slice) }
  }
}

/** What is written of a WAV file at a time. */
const framesPerSlice = 65_536

/** Where a frame of the recording lies among the steps, fractional. */
const stepOfFrame =
  ({ start, step }: TimeGrid, rate: number) =>
  (frame: number): number =>
    (frame / rate - start) / step

const energyOf = (channels: Float32Array[]): number =>
  channels.reduce((sum, samples) => sum + samples.reduce((total, sample) => total + sample * sample, 0), 0)

const words = { attended: 'attended', rest: 'not attended', random: 'random' }

/** "voice attended encoder.attention.3 head 1 2.08 s.wav": which sound this was is not to be guessed later. */
const fileName = (run: Run, { tap, heads, index, part, mask }: HearQuery, grid: TimeGrid): string => {
  const head = typeof heads === 'string' ? heads : heads.join(',')
  const row = tap.startsWith('cross') ? `token ${index}` : `${secondsAt(grid, index).toFixed(2)} s`
  const name = run.recording.name.replace(/\.[^.]*$/, '')
  return `${name} ${words[part]} ${run.model.id} ${tap} head ${head} ${row}${mask === 'patches' ? ' patches' : ''}.wav`
}

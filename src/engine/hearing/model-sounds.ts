import { EngineError } from '../../contract/errors.ts'
import { edgeAt } from '../../contract/grid.ts'
import { mostHeard, type HeardBy, type ModelSound } from '../../contract/heard-by.ts'
import type { Recording } from '../../contract/recording.ts'
import { RunOptions } from '../../contract/run.ts'
import type { Range } from '../../contract/tensor.ts'
import type { Window } from '../../contract/windows.ts'
import { Lru } from '../../signal/lru.ts'
import { startColumns } from '../../signal/peaks.ts'
import { clipRange, readClip } from '../audio/clip.ts'
import { soundFile } from '../audio/sound-file.ts'
import type { Sounding, SoundRegion } from '../audio/sounds.ts'
import { createSpectrograms } from '../audio/spectrograms.ts'
import { modelRate } from '../models/families/config-number.ts'
import type { Family } from '../models/families/family.ts'
import { readConfigs } from '../models/folder.ts'
import type { EngineParts } from '../parts.ts'
import { planRun, regionWindows, type PlannedJob } from '../run-plan.ts'

/** What a model hears of a region, to be seen and heard: the very samples that runs over its windows are made of, each for what it shows. */
export interface ModelSounds {
  /** throws as a run over the region would, and `bad-region` for more than `mostHeard` seconds in windows */
  of(recording: string, heardBy: HeardBy, signal?: AbortSignal): Promise<Sounding & Heard>
}

/** Bytes of samples kept: some twenty windows of 45 s. */
const keptBytes = 64e6
const framesPerBlock = 65_536

export const createModelSounds = (parts: EngineParts): ModelSounds => {
  const kept = new Lru<ReturnType<typeof sounding>>(keptBytes, ({ samples }) => samples.byteLength)
  return {
    of: async (recording, heardBy, signal) => {
      const input = { recording, ...heardBy, options: RunOptions.parse({}), device: 'auto' as const }
      const windows = regionWindows(parts, input)
      const [start, end] = heardBy.region
      if (windows.length > 1 && end - start > mostHeard)
        throw new EngineError(
          'bad-region',
          `what a model hears is shown of ${mostHeard / 60} minutes at most, and ${start}:${end} is longer; choose a shorter region`,
        )
      // every pan asks: the first window's plan says of which model and recording, and refuses what a run would be refused
      const { job } = await planRun(parts, { ...input, region: windows[0]!.region })
      const key = [job.id, start, end].join(' ')
      const known = kept.read(key)
      if (known) return known
      await parts.sounds.check(recording)
      const made = sounding(await read(parts, job, windows, heardBy, signal))
      kept.write(key, made)
      return made
    },
  }
}

interface Heard {
  card: ModelSound
  /** as the model is given them: not to be written to */
  samples: Float32Array
  /** number of the first of them, counted from the recording's start */
  first: number
  /** up to which frame samples are multiplied by what to be played as loud as the recording */
  levels: { until: number; level: number }[]
}

/** As the runs' jobs make their input (engine/inference/run.ts); what all of them hear is read once. */
const read = async (
  { sounds }: EngineParts,
  { recording: id, modelFolder }: PlannedJob,
  windows: readonly Window[],
  heardBy: HeardBy,
  signal: AbortSignal | undefined,
): Promise<Heard> => {
  const [head, last] = [windows[0]!, windows.at(-1)!]
  const { recording, path, overview } = sounds.opened(id)
  const { family, preprocessor, config } = readConfigs(modelFolder)
  const rate = modelRate(preprocessor)
  const clip = await readClip(path, recording, [head.region[0], last.region[1]], rate, signal, 'auto', overview)
  const [first, end] = clipRange(recording, clip.region, rate)
  const isSamples = family.axes(preprocessor)[0] === 'sample'
  const samples = new Float32Array(clip.samples.length)
  const levels: Heard['levels'] = []
  let isLevelled = false
  for (const window of windows) {
    const [from, to] = clipRange(recording, window.region, rate)
    const own = clip.samples.subarray(from - first, to - first)
    const given = isSamples ? (family.features(own, preprocessor).data as Float32Array) : own
    const start = window === head ? first : Math.round(window.shown[0] * rate)
    const until = window === last ? end : Math.round(window.shown[1] * rate)
    samples.set(given.subarray(start - from, until - from), start - first)
    const levelling = isSamples ? (family.levelled?.(own, preprocessor) ?? null) : null
    isLevelled ||= levelling !== null
    levels.push({ until, level: levelling?.scale ?? 1 })
  }
  const [from] = clipRange(recording, last.region, rate)
  const added = paddingOf(family, end - from, last.region[0], preprocessor, config)
  const card: ModelSound = {
    heardBy,
    recording: { ...recording, rate, channels: 1, frames: end, seconds: end / rate },
    region: [first / rate, end / rate],
    padding: added && [end / rate, added.end],
    loudest: samples.reduce((most, value) => Math.max(most, Math.abs(value)), 0),
    done: [
      `${rate / 1000} kHz, ${recording.channels > 1 ? 'mixed to one channel' : 'one channel'}`,
      ...(isLevelled ? ['zero mean, unit variance'] : []),
      ...(added ? [added.words] : []),
      ...(windows.length > 1 ? [`${windows.length} windows, each by itself`] : []),
    ],
  }
  return { card, samples, first, levels }
}

/** What a family puts behind a clip: samples of silence, or frames of its features. Null for nothing. */
const paddingOf = (
  family: Family,
  samples: number,
  start: number,
  preprocessor: Record<string, unknown>,
  config: Record<string, unknown>,
): { end: number; words: string } | null => {
  const rate = modelRate(preprocessor)
  const say = (seconds: number): string => `${seconds < 0.1 ? Number(seconds.toFixed(3)) : seconds.toFixed(1)} s`
  const filled = family.filled?.(preprocessor)
  if (filled !== undefined)
    return filled > samples
      ? { end: start + filled / rate, words: `padded with ${say((filled - samples) / rate)} of zeros` }
      : null
  const { features } = family.grids(samples, start, preprocessor, config)
  const frames = features.count - features.valid
  return frames > 0
    ? {
        end: edgeAt(features, features.count),
        words: `padded with ${say(frames * features.step)} of empty frames`,
      }
    : null
}

const sounding = ({ card, samples, first, levels }: Heard): Sounding & Heard => {
  const { recording } = card
  const { rate, frames: end } = recording
  /** frames [from, to) of the recording, silence where the model hears nothing; `played` as loud as the recording */
  async function* blocks([from, to]: Range, played = false): AsyncGenerator<Float32Array[]> {
    for (let at = from; at < to; at += framesPerBlock) {
      const block = new Float32Array(Math.min(framesPerBlock, to - at))
      const [start, stop] = [Math.max(at, first), Math.min(at + block.length, end)]
      if (start < stop) block.set(samples.subarray(start - first, stop - first), start - at)
      if (played) {
        let next = at
        for (const { until, level } of levels)
          for (const stop = Math.min(until, at + block.length); next < stop; next++) block[next - at]! *= level
      }
      yield [block]
    }
  }
  const within = (frame: number): number => Math.min(end, Math.max(first, Math.round(frame)))
  const region = ([from, to]: Range): SoundRegion => {
    const frames: Range = [within(from * rate), within(to * rate)]
    return { recording, frames, blocks: blocks(frames, true) }
  }
  return {
    ...{ card, samples, first, levels },
    peaks: async (_id, range, columns) => {
      const building = startColumns([range[0] * rate, range[1] * rate], columns)
      building.add(samples, first)
      return { range, ...building.finish() }
    },
    spectrograms: createSpectrograms(
      () => recording,
      (_recording: Recording, frames) => blocks(frames),
    ),
    region: (_id, range) => region(range),
    audio: (_id, range, signal) => soundFile(region(range), signal),
  }
}

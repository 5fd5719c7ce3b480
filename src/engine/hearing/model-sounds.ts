import { edgeAt } from '../../contract/grid.ts'
import type { HeardBy, ModelSound } from '../../contract/heard-by.ts'
import type { Recording } from '../../contract/recording.ts'
import { RunOptions } from '../../contract/run.ts'
import type { Range } from '../../contract/tensor.ts'
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
import { planRun, type PlannedJob } from '../run-plan.ts'

/** What a model hears of a region, to be seen and heard: the very samples that a run over it is made of. */
export interface ModelSounds {
  /** throws as a run over the region would */
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
      const { job } = await planRun(parts, input)
      const known = kept.read(job.id)
      if (known) return known
      await parts.sounds.check(recording)
      const made = sounding(await read(parts, job, heardBy, signal))
      kept.write(job.id, made)
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
}

/** As a run's job makes its input (engine/inference/run.ts). */
const read = async (
  { sounds }: EngineParts,
  { recording: id, modelFolder, region }: PlannedJob,
  heardBy: HeardBy,
  signal: AbortSignal | undefined,
): Promise<Heard> => {
  const { recording, path, overview } = sounds.opened(id)
  const { family, preprocessor, config } = readConfigs(modelFolder)
  const rate = modelRate(preprocessor)
  const clip = await readClip(path, recording, region, rate, signal, 'auto', overview)
  const isSamples = family.axes(preprocessor)[0] === 'sample'
  const samples = isSamples
    ? (family.features(clip.samples, preprocessor).data as Float32Array).subarray(0, clip.samples.length)
    : clip.samples
  const levelling = isSamples ? (family.levelled?.(clip.samples, preprocessor) ?? null) : null
  const [first] = clipRange(recording, clip.region, rate)
  const frames = first + samples.length
  const added = paddingOf(family, clip.samples.length, clip.region[0], preprocessor, config)
  const card: ModelSound = {
    heardBy,
    recording: { ...recording, rate, channels: 1, frames, seconds: frames / rate },
    region: [first / rate, frames / rate],
    padding: added && [frames / rate, added.end],
    loudest: samples.reduce((most, value) => Math.max(most, Math.abs(value)), 0),
    level: levelling?.scale ?? 1,
    done: [
      `${rate / 1000} kHz, ${recording.channels > 1 ? 'mixed to one channel' : 'one channel'}`,
      ...(levelling ? ['zero mean, unit variance'] : []),
      ...(added ? [added.words] : []),
    ],
  }
  return { card, samples, first }
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

const sounding = ({ card, samples, first }: Heard): Sounding & Heard => {
  const { recording } = card
  const { rate, frames: end } = recording
  /** frames [from, to) of the recording, silence where the model hears nothing */
  async function* blocks([from, to]: Range, level = 1): AsyncGenerator<Float32Array[]> {
    for (let at = from; at < to; at += framesPerBlock) {
      const block = new Float32Array(Math.min(framesPerBlock, to - at))
      const [start, stop] = [Math.max(at, first), Math.min(at + block.length, end)]
      if (start < stop) block.set(samples.subarray(start - first, stop - first), start - at)
      yield [level === 1 ? block : block.map((value) => value * level)]
    }
  }
  const within = (frame: number): number => Math.min(end, Math.max(first, Math.round(frame)))
  const region = ([from, to]: Range): SoundRegion => {
    const frames: Range = [within(from * rate), within(to * rate)]
    return { recording, frames, blocks: blocks(frames, card.level) }
  }
  return {
    ...{ card, samples, first },
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

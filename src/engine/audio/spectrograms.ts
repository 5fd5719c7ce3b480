import type { z } from 'zod'
import type { SpectrogramMap } from '../../contract/engine.ts'
import { stepsWithin, type TimeGrid } from '../../contract/grid.ts'
import type { Recording } from '../../contract/recording.ts'
import { tileColumns, type SpectrogramQuery, type SpectrogramTileQuery, type Stft } from '../../contract/spectrogram.ts'
import type { Range } from '../../contract/tensor.ts'
import { frequencyRows } from '../../signal/frequency-rows.ts'
import { Lru } from '../../signal/lru.ts'
import { framesPerColumn, pooledColumns, samplesOfFrames, stftFrames, stftTitle } from '../../signal/stft.ts'
import { coarsePicture, type KnownCoarse } from './coarse.ts'
import { readSpectrogram } from './read-spectrogram.ts'

/** Spectrograms of the sound itself, sized to a screen. */
export interface Spectrograms {
  map(query: z.output<typeof SpectrogramQuery>, signal?: AbortSignal): Promise<SpectrogramMap>
  /** of a tile that begins behind the recording's end the last column */
  tile(query: z.output<typeof SpectrogramTileQuery>, signal?: AbortSignal): Promise<SpectrogramMap>
}

/** Frames [start, end) of an open recording, in blocks; those `around` them will be asked for next. */
type Blocks = (
  recording: Recording,
  frames: Range,
  around: Range,
  signal?: AbortSignal,
) => AsyncIterable<Float32Array[]>

interface Wanted {
  stft: Stft
  height: number
  hertz?: [number, number] | undefined
  /** seconds that will be asked for next */
  around?: [number, number] | undefined
}

/** Tiles kept in this process, so that another page or column finds them: some two hundred of them. */
const keptBytes = 32e6

/** What is said where not all frames are looked at. */
const sayOneIn = (frames: number): string => (frames > 1 ? ` · one frame in ${Math.ceil(frames)}` : '')

export const createSpectrograms = (
  recordingOf: (id: string) => Recording,
  blocks: Blocks,
  known?: KnownCoarse,
): Spectrograms => {
  const kept = new Lru<SpectrogramMap>(keptBytes, ({ raster }) => raster.data.byteLength)
  const gridOf = ({ rate, frames }: Recording, { size, hop }: Stft): TimeGrid => {
    const count = stftFrames(frames, hop)
    return { start: 0, step: hop / rate, width: size / rate, count, valid: count }
  }
  const draw = async (
    recording: Recording,
    columns: Range[],
    { stft, height, hertz, around }: Wanted,
    signal?: AbortSignal,
  ): Promise<SpectrogramMap> => {
    const rows = frequencyRows(stft, recording.rate, height, hertz)
    const about = { grid: gridOf(recording, stft), hertz: rows.hertz, unit: 'dB' } as const
    const coarse = coarsePicture(known, recording.id, stft, columns, rows)
    if (coarse) return { ...about, raster: coarse.raster, title: stftTitle(stft) + sayOneIn(coarse.oneIn) }
    const seen = samplesOfFrames(stft, [columns[0]![0], columns.at(-1)![1]])
    const [start, end] = [Math.max(0, seen[0]), Math.min(recording.frames, seen[1])]
    const next = around ? samplesOfFrames(stft, stepsWithin(about.grid, around)) : seen
    const sound = blocks(recording, [start, end], next, signal)
    const raster = await readSpectrogram(sound, start, { stft, columns, rows }, signal)
    const widest = Math.max(...columns.map(([start, end]) => end - start))
    return { ...about, raster, title: stftTitle(stft) + sayOneIn(widest / framesPerColumn) }
  }
  return {
    map: ({ recording: id, range, width, ...wanted }, signal) => {
      const recording = recordingOf(id)
      const steps = stepsWithin(gridOf(recording, wanted.stft), range)
      return draw(recording, pooledColumns(steps, Math.min(width, steps[1] - steps[0])), wanted, signal)
    },
    tile: async (query, signal) => {
      const { recording: id, level, tile, ...wanted } = query
      const recording = recordingOf(id)
      const { stft, height, hertz } = wanted
      const key = JSON.stringify([id, level, tile, stft, height, hertz])
      const known = kept.read(key)
      if (known) return known
      const { count } = gridOf(recording, stft)
      const wide = 2 ** level
      const all = Math.ceil(count / wide)
      const first = Math.min(tile * tileColumns, all - 1)
      const columns = Array.from({ length: Math.min(tileColumns, all - first) }, (_, i): Range => {
        const start = (first + i) * wide
        return [start, Math.min(count, start + wide)]
      })
      const drawn = await draw(recording, columns, wanted, signal)
      kept.write(key, drawn)
      return drawn
    },
  }
}

import type { Region } from '../../contract/recording.ts'
import type { Range } from '../../contract/tensor.ts'
import { framesNeeded, resampledLength, resampleRange } from '../../signal/resample.ts'
import { createPace } from '../pace.ts'
import { heardRate } from './heard.ts'
import { mono } from '../../signal/mono.ts'
import type { Sounds } from './sounds.ts'

const outputsPerSlice = 2048

/**
 * A stretch of any length as the models hear it, mono at 16 kHz, decoded once and given in pieces of `size` samples, the last one filled up with
 * silence; with `before` and `after` samples around each.
 */
export async function* heardPieces(
  sounds: Pick<Sounds, 'opened' | 'region'>,
  id: string,
  [from, to]: Region,
  { size, before, after }: { size: number; before: number; after: number },
  signal?: AbortSignal,
): AsyncGenerator<Float32Array> {
  const { recording } = sounds.opened(id)
  const { rate, seconds } = recording
  const [first, end] = [Math.round(from * heardRate), Math.round(Math.min(to, seconds) * heardRate)]
  const samples = resampledLength(recording.frames, rate, heardRate)
  const needed = (start: number): Range => framesNeeded([start - before, start + size + after], rate, heardRate)
  const [start] = needed(first)
  const opening = Math.max(0, start)
  const { blocks } = sounds.region(id, [opening / rate, Math.min(seconds, needed(end)[1] / rate)], signal)
  const iterator = blocks[Symbol.asyncIterator]()
  const pace = createPace(signal)
  let [held, offset, ended]: [Float32Array, number, boolean] = [new Float32Array(0), opening, false]
  try {
    for (let at = first; at < end; at += size) {
      const [lowest, highest] = needed(at)
      const parts = [held.subarray(Math.max(0, lowest - offset))]
      offset += held.length - parts[0]!.length
      let length = parts[0]!.length
      while (!ended && offset + length < highest) {
        const { value, done } = await iterator.next()
        ended = done ?? false
        if (!ended) parts.push(mono(value as Float32Array[]))
        length += parts.at(-1)!.length * (ended ? 0 : 1)
      }
      held = joined(parts, length)
      const piece = new Float32Array(before + size + after)
      for (let done = 0; done < piece.length; done += outputsPerSlice) {
        await pace()
        const from = at - before + done
        // what lies outside the recording is silence
        const slice: Range = [Math.max(0, from), Math.min(samples, from + outputsPerSlice, at - before + piece.length)]
        if (slice[0] < slice[1]) piece.set(resampleRange(held, offset, rate, heardRate, slice), done + slice[0] - from)
      }
      yield piece
    }
  } finally {
    await iterator.return?.()
  }
}

const joined = (parts: Float32Array[], length: number): Float32Array => {
  const all = new Float32Array(length)
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

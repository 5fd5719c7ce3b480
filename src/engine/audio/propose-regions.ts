import type { z } from 'zod'
import type { ProposedRegion, ProposeProgress, ProposeQuery } from '../../contract/regions.ts'
import {
  createEventFrames,
  eventHop,
  eventLead,
  eventRate,
  eventTail,
  findEvents,
  measureFrames,
} from '../../signal/events.ts'
import { createPace } from '../pace.ts'
import { checkRegion } from './clip.ts'
import { heardPieces } from './heard-pieces.ts'
import type { Sounds } from './sounds.ts'

/** frames of a piece: 1.5 s, some milliseconds of work */
const framesPerPiece = 150

/** Stretches of a recording in which something sounds (signal/events.ts), each between two moments of what was asked for. */
export const proposeRegions = async (
  sounds: Pick<Sounds, 'opened' | 'region'>,
  { recording: id, range, sensitivity, leastSeconds }: z.output<typeof ProposeQuery>,
  { signal, part }: { signal: AbortSignal; part: (part: ProposeProgress) => void },
): Promise<ProposedRegion[]> => {
  const { recording } = sounds.opened(id)
  const [from, to] = checkRegion(recording, range).region
  const frames = createEventFrames(Math.max(1, Math.ceil(((to - from) * eventRate) / eventHop)))
  const total = to - from
  let done = 0
  const around = { size: framesPerPiece * eventHop, before: eventLead, after: eventTail }
  for await (const piece of heardPieces(sounds, id, [from, to], around, signal)) {
    const count = Math.min(framesPerPiece, frames.flux.length - done)
    if (count <= 0) break
    measureFrames(frames, piece, done, count)
    done += count
    part({ done: Math.min(total, (done * eventHop) / eventRate), total })
  }
  const pace = createPace(signal)
  const search = findEvents(frames, { sensitivity, leastSamples: leastSeconds * eventRate })
  for (;;) {
    const { value, done: isDone } = search.next()
    if (isDone)
      return value.map(([start, end]) => ({
        start: milliseconds(from + start / eventRate),
        end: Math.min(to, milliseconds(from + end / eventRate)),
      }))
    await pace()
  }
}

const milliseconds = (seconds: number): number => Math.round(seconds * 1000) / 1000

import { z } from 'zod'
import { query, topic } from './contract.ts'
import type { Peaks, Recording } from './recording.ts'
import { RawFormat } from './raw-format.ts'

/** A file that waits for somebody to say how it is to be read. */
export interface RawFile {
  id: number
  /** the file's own name; text, never markup */
  name: string
  bytes: number
  /** to begin with */
  guess: RawFormat
}

export interface RawPreview {
  /** whole frames that the file has in this format */
  frames: number
  /** bytes at the end that make no whole frame */
  rest: number
  /** of the first seconds */
  peaks: Peaks
}

const file = z.number().int().nonnegative()

export const raw = {
  /** all that wait, at once and whenever they change */
  'raw.waiting': topic<RawFile[]>(),
  /** the first seconds of a file that waits, read like this. Throws `not-finite`, and `bad-recording` where nothing is left */
  'raw.preview': query<RawPreview>()(z.object({ file, format: RawFormat, columns: z.number().int().min(1).max(4096) })),
  'raw.open': query<Recording>()(z.object({ file, format: RawFormat })),
  /** it waits no longer */
  'raw.leave': query<null>()(z.object({ file })),
  /** the file of a recording that was read like this waits to be read in another way */
  'raw.again': query<null>()(z.object({ recording: z.string() })),
}

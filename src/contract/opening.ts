import type { Peaks } from './recording.ts'

/** A file that is being opened for the first time, as far as it has been read. */
export interface Opening {
  id: number
  /** the file's own name; text, never markup */
  name: string
  /** read until now */
  seconds: number
  /** what its header promises; null where it promises nothing, or is not read yet */
  secondsPromised: number | null
  /** over what was read, in at most 1024 columns; null at the very beginning */
  peaks: Peaks | null
}

import type { Recording, Region } from '../../contract/recording.ts'

/** Decoded sound at its native rate; one array per channel, float32 in [-1, 1] unless the file exceeds it. */
export interface Sound {
  rate: number
  channels: Float32Array[]
}

/** Implemented in this folder:
 *  - ffmpeg.ts   `findFfmpeg(): { path, version } | { reason }` — FFMPEG_BIN, ffmpeg-static, PATH in that order
 *  - decode.ts   `decodeBlocks(path, { signal, onBlock, limit })` streaming decode of a file with ffmpeg or a built-in decoder;
 *                `decodeRegion(path, region: [startFrame, endFrame), signal): Promise<Sound>` — exactly the samples a slice of
 *                the whole decode has, in every codec
 *  - open.ts     `openRecording(path, { name?, sample?, signal? }): Promise<Opened>` — sniff, hash, decode once for
 *                length, peaks pyramid, silence and NaN
 *  - clip.ts     `readClip(path, recording, region seconds, rate, signal): Promise<{ samples, region, warnings }>` — region
 *                checked and clipped (design §6), decoded, mixed to mono, resampled to `rate` from the whole recording's
 *                sample grid, checked for NaN and infinity. Usable from the inference process.
 */
export interface Opened {
  recording: Recording
  path: string
  /** min, max and rms of mono per `framesPerBucket` frames, finest level */
  overview: { framesPerBucket: number; min: Float32Array; max: Float32Array; rms: Float32Array }
}
export type { Recording, Region }

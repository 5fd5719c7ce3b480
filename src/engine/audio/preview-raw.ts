import { EngineError } from '../../contract/errors.ts'
import type { RawFormat } from '../../contract/raw-format.ts'
import type { RawPreview } from '../../contract/raw.ts'
import { mono } from '../../signal/mono.ts'
import { startColumns } from '../../signal/peaks.ts'
import { chooseRaw, rawLength } from './raw-decoding.ts'
import { shownName } from './shown-name.ts'

const previewSeconds = 4

/** The first seconds of a file read as `format`: decoded as all of it would be. Throws `not-finite` for floats that are none. */
export const previewRaw = async (
  { path, name, bytes }: { path: string; name: string; bytes: number },
  format: RawFormat,
  columns: number,
  signal?: AbortSignal,
): Promise<RawPreview> => {
  const shown = shownName(name)
  const decoder = await chooseRaw({ path, name: shown }, format)
  const { frames, rest } = rawLength(bytes, format)
  const end = Math.min(frames, previewSeconds * format.rate)
  const building = startColumns([0, end], columns)
  let at = 0
  for await (const block of (await decoder.start(signal)).blocks) {
    const samples = mono(block).subarray(0, end - at)
    if (!samples.every(Number.isFinite))
      throw new EngineError(
        'not-finite',
        `read like this, ${shown} holds NaN or infinite samples: it is something else`,
      )
    building.add(samples, at)
    at += samples.length
    if (at >= end) break
  }
  return { frames, rest, peaks: { range: [0, end / format.rate], ...building.finish() } }
}

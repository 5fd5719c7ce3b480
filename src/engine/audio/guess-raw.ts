import { open } from 'node:fs/promises'
import type { RawEncoding, RawFormat } from '../../contract/raw-format.ts'

/** What a file without a header may hold: a first guess, for somebody to see and to put right. */

const byEnding: Record<string, RawEncoding> = {
  ...{ s8: 's8', sb: 's8', u8: 'u8', ub: 'u8', sw: 's16le', s16: 's16le', uw: 'u16le', u16: 'u16le' },
  ...{ s24: 's24le', s32: 's32le', sl: 's32le', f32: 'f32le', f64: 'f64le' },
  ...{ ul: 'mulaw', ulaw: 'mulaw', mulaw: 'mulaw', al: 'alaw', alaw: 'alaw' },
}
const otherEndings = ['raw', 'pcm', 'bin', 'dat']
export const endingOf = (name: string): string => /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? ''
/** Whether a name says that there is no header. */
export const isRawName = (name: string): boolean =>
  Object.hasOwn(byEnding, endingOf(name)) || otherEndings.includes(endingOf(name))

const rates = [
  8000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 88_200, 96_000, 176_400, 192_000, 250_000, 384_000,
]

const lookedAtBytes = 65_536

/** Bytes from the middle, from a multiple of eight on: a beginning may be silent, or no sound at all. */
const middleOf = async (path: string): Promise<DataView> => {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const from = Math.max(0, Math.floor((size - lookedAtBytes) / 16) * 8)
    const { buffer, bytesRead } = await file.read(new Uint8Array(lookedAtBytes), 0, lookedAtBytes, from)
    return new DataView(buffer.buffer, buffer.byteOffset, bytesRead)
  } finally {
    await file.close()
  }
}

/** Mean step from sample to sample over mean magnitude: low for sound, 1.4 for noise as wrong bytes make it. */
const roughness = (values: readonly number[]): number => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const size = values.reduce((sum, value) => sum + Math.abs(value - mean), 0)
  const steps = values.reduce((sum, value, i) => sum + (i > 0 ? Math.abs(value - values[i - 1]!) : 0), 0)
  return size > 0 ? steps / size : Infinity
}

/** Floats of sound are small and not all but zero; whole numbers seen as floats are mostly neither. */
const isFloats = (values: readonly number[]): boolean => {
  const some = values.filter((value) => value !== 0)
  const likely = some.filter((value) => Math.abs(value) <= 8 && Math.abs(value) > 1e-9)
  return some.length > 0 && likely.length > 0.9 * some.length
}

const encodingBy = (bytes: DataView): RawEncoding => {
  const read = (size: number, at: (offset: number) => number): number[] =>
    Array.from({ length: Math.floor(bytes.byteLength / size) }, (_, i) => at(i * size))
  if (isFloats(read(4, (at) => bytes.getFloat32(at, true)))) return 'f32le'
  const little = roughness(read(2, (at) => bytes.getInt16(at, true)))
  const big = roughness(read(2, (at) => bytes.getInt16(at, false)))
  return big < 0.7 * little ? 's16be' : 's16le'
}

/** By the name's ending and what stands in it ("take 2 44100 stereo.raw"), then by the bytes. */
export const guessRaw = async (path: string, name: string): Promise<RawFormat> => {
  const encoding = byEnding[endingOf(name)] ?? encodingBy(await middleOf(path))
  const numbers = (name.match(/\d+/g) ?? []).map(Number)
  const telephone = encoding === 'mulaw' || encoding === 'alaw'
  const rate = rates.find((known) => numbers.includes(known)) ?? (telephone ? 8000 : 48_000)
  return { encoding, rate, channels: /stereo/i.test(name) ? 2 : 1, skip: 0 }
}

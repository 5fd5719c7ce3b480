import { readFileSync } from 'node:fs'
import { resource } from '../../src/engine/paths.ts'
import { writeWav } from '../../src/formats/wav.ts'

const rate = 16_000
const samplesOf = (seconds: number): Float32Array => new Float32Array(Math.round(seconds * rate))

/** Silence but for one short click. */
export const click = (seconds: number, at: number): Uint8Array<ArrayBuffer> => {
  const samples = samplesOf(seconds)
  const first = Math.round(at * rate)
  samples.set([0.9, -0.9, 0.9, -0.9], first - 2)
  return writeWav({ rate, channels: [samples] })
}

export const tone = (seconds: number, hertz: number): Uint8Array<ArrayBuffer> => {
  const samples = samplesOf(seconds).map((_, i) => 0.5 * Math.sin((2 * Math.PI * hertz * i) / rate))
  return writeWav({ rate, channels: [samples] })
}

/** Silence but for clicks of one sample and a beep of 30 ms, softly begun and ended. */
export const clicksAndBeep = (
  seconds: number,
  clicks: number[],
  beep: { at: number; hertz: number },
): Uint8Array<ArrayBuffer> => {
  const samples = samplesOf(seconds)
  for (const at of clicks) samples[Math.round(at * rate)] = 0.9
  const length = 0.03 * rate
  const start = Math.round(beep.at * rate) - length / 2
  for (let i = 0; i < length; i++)
    samples[start + i] = 0.8 * Math.sin((Math.PI * i) / length) ** 2 * Math.sin((2 * Math.PI * beep.hertz * i) / rate)
  return writeWav({ rate, channels: [samples] })
}

/** The spoken sample over and over at 16 kHz, as tools/make-window-goldens.py makes it. */
export const repeatedVoice = (seconds: number): Float32Array => {
  const bytes = readFileSync(resource('recordings', 'voice.wav'))
  const voice = new Int16Array(bytes.buffer.slice(bytes.byteOffset + 44, bytes.byteOffset + bytes.length))
  const own = bytes.readUInt32LE(24)
  return Float32Array.from(
    { length: rate * seconds },
    (_, n) => voice[Math.floor((n * own) / rate) % voice.length]! / 32768,
  )
}

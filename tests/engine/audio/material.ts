import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { writeWav } from '../../../src/formats/wav.ts'
import { ffmpegPath } from '../../support/needs.ts'

/** Files for the tests of this folder, in a temporary folder that goes away with them. */

export const folder = mkdtempSync(join(tmpdir(), 'otoscope audio '))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A seeded mixture of two sines and noise, different in each channel. */
export const channelsOf = (rate: number, seconds: number, channels = 2): Float32Array[] =>
  Array.from({ length: channels }, (_, channel) => {
    let seed = 7 + channel
    return Float32Array.from({ length: Math.round(rate * seconds) }, (_, n) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
      const noise = seed / 2 ** 30 - 1
      return 0.3 * Math.sin((2 * Math.PI * (300 + 200 * channel) * n) / rate) + 0.1 * noise
    })
  })

export const put = (name: string, bytes: Uint8Array | string): string => {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

/** A float32 WAV file of such a mixture. */
export const putWav = (name: string, { rate = 44_100, seconds = 1.2345, channels = 2 } = {}): string =>
  put(name, writeWav({ rate, channels: channelsOf(rate, seconds, channels) }, 'f32'))

/** ffmpeg's way of saying what its build lacks is an exit status. */
export const convert = (input: string, name: string, ...options: string[]): string => {
  const output = join(folder, name)
  const { status, stderr } = spawnSync(ffmpegPath, [
    '-v',
    'error',
    '-y',
    '-i',
    `file:${input}`,
    ...options,
    `file:${output}`,
  ])
  if (status !== 0) throw new Error(`ffmpeg: ${stderr.toString()}`)
  return output
}

export const codecs: [name: string, options: string[]][] = [
  ['wav', ['-c:a', 'pcm_s24le']],
  ['mp3', ['-c:a', 'libmp3lame', '-b:a', '96k']],
  ['flac', ['-c:a', 'flac']],
  ['ogg', ['-c:a', 'libvorbis']],
  ['opus', ['-c:a', 'libopus']],
  ['m4a', ['-c:a', 'aac']],
]

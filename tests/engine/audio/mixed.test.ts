import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { chooseDecoder, joinBlocks, type ChosenDecoder } from '../../../src/engine/audio/decode.ts'
import { openRecording } from '../../../src/engine/audio/open.ts'
import { regionBlocks, type RegionOptions } from '../../../src/engine/audio/region-blocks.ts'
import { writeWav } from '../../../src/formats/wav.ts'
import { mono } from '../../../src/signal/mono.ts'
import { startOverview } from '../../../src/signal/overview.ts'
import { testNeeding } from '../../support/needs.ts'
import { channelsOf, convert, put, putWav } from './material.ts'

/** Of a stereo MP3, and of a WAV file of integers, the mean of the channels alone is read when it is opened: it must be that of the two, bit for bit. */

const rate = 44_100
const mp3 = (name: string, channels: Float32Array[], ...options: string[]): string => {
  const source = put(`${name}.wav`, writeWav({ rate, channels }, 'f32'))
  return convert(source, `${name}.mp3`, '-c:a', 'libmp3lame', '-b:a', '96k', ...options)
}
const stereo = () => channelsOf(rate, 3)
/** loud, then so soft that floats of it are denormal */
const fading = () => channelsOf(rate, 3).map((one) => one.map((value, n) => value * 10 ** (-(14 * n) / rate)))
const tagged = (path: string, bytes: number): string => {
  const size = [21, 14, 7, 0].map((shift) => (bytes >> shift) & 0x7f)
  const tag = Buffer.concat([Buffer.from([0x49, 0x44, 0x33, 3, 0, 0, ...size]), Buffer.alloc(bytes)])
  return put(`tag of ${bytes}.mp3`, Buffer.concat([tag, readFileSync(path)]))
}
const bare = ['-write_xing', '0', '-id3v2_version', '0']
const joined = (name: string, ...parts: string[]): string =>
  put(`${name}.mp3`, Buffer.concat(parts.map((part) => readFileSync(part))))
const part = (name: string, channels: number, ...options: string[]): string =>
  mp3(name, channelsOf(rate, 2, channels), ...bare, ...options)
/** longer than what is read of a file at a time */
const wav = (codec: string, channels = 2): string =>
  convert(
    put(`${codec}.wav`, writeWav({ rate, channels: channelsOf(rate, 5, channels) }, 'f32')),
    `${codec} ${channels}.wav`,
    '-c:a',
    codec,
  )

/** whether its blocks are the mean alone, where that is all that is wanted */
const isMixed = async (decoder: ChosenDecoder): Promise<boolean> => {
  const { mixed = false, channels, blocks } = await decoder.start(undefined, false, true)
  for await (const block of blocks) expect(block).toHaveLength(mixed ? 1 : channels)
  return mixed
}

const files: [what: string, make: () => string, mixed: boolean][] = [
  ['two channels', () => mp3('two', stereo(), '-joint_stereo', '0'), true],
  ['joint stereo', () => mp3('joint', stereo()), true],
  ['what fades to nothing', () => mp3('fading', fading()), true],
  ['a picture before the sound', () => tagged(mp3('picture', stereo()), 300_000), true],
  ['a tag about as long as what is read at first', () => tagged(mp3('short tag', stereo()), 4080), true],
  ['two channels and then one', () => joined('fewer', part('two first', 2), part('one then', 1)), true],
  ['one rate and then another', () => joined('slower', part('fast', 2), part('slow', 2, '-ar', '32000')), true],
  ['one channel', () => mp3('one', channelsOf(rate, 3, 1)), false],
  ['one channel and then two', () => joined('more', part('one first', 1), part('two then', 2)), false],
  ['a WAV file of 16 bits', () => wav('pcm_s16le'), true],
  ['a WAV file of 24 bits', () => wav('pcm_s24le'), true],
  ['a WAV file of floats', () => wav('pcm_f32le'), false],
  ['a WAV file of four channels', () => wav('pcm_s24le', 4), true],
  ['a WAV file of three channels', () => wav('pcm_s24le', 3), false],
]
testNeeding('ffmpeg').for(files)('the overview of %s is that of all it decodes to', async ([, make, mixed]) => {
  const path = make()
  const decoder = await chooseDecoder({ path, name: 'it' })
  expect(await isMixed(decoder)).toBe(mixed)
  const whole = await decoder.start()
  const builder = startOverview()
  for await (const block of whole.blocks) builder.push([mono(block)])
  const { recording, overview } = await openRecording(path)
  expect(overview).toEqual(builder.finish())
  expect(recording).toMatchObject({ channels: whole.channels, codec: whole.codec, warnings: [] })
})

const written: [format: string, write: (name: string, channels: Float32Array[]) => string][] = [
  ['MP3', mp3],
  ['WAV', (name, channels) => put(`${name}.wav`, writeWav({ rate, channels }))],
]
testNeeding('ffmpeg').for(written)(
  '%s: channels that cancel each other out are no silence, and silence is',
  async ([, write]) => {
    const tone = Float32Array.from({ length: rate }, (_, n) => 0.5 * Math.sin(n / 20))
    const opened = await openRecording(write('against', [tone, tone.map((value) => -value)]))
    expect(opened.recording).toMatchObject({ channels: 2, warnings: [] })
    const { recording } = await openRecording(write('nothing', [new Float32Array(rate), new Float32Array(rate)]))
    expect(recording.warnings).toEqual(['silence: every sample is zero'])
  },
)

testNeeding('ffmpeg')('one channel of an MP3, and what is none, is not mixed', async () => {
  const alone = await chooseDecoder({ path: mp3('alone', stereo()), name: 'it' }, { channel: 0 })
  const flac = await chooseDecoder({ path: convert(putWav('to be.wav'), 'two.flac'), name: 'it' })
  expect([await isMixed(alone), await isMixed(flac)]).toEqual([false, false])
})

testNeeding('ffmpeg')(
  'a stretch of a WAV file is the mean of its channels, and one channel of it is no mean',
  async () => {
    const path = wav('pcm_s24le')
    const frames: [number, number] = [70_001, 180_003]
    const read = async (options: RegionOptions): Promise<Float32Array[]> => {
      const kept: Float32Array[][] = []
      for await (const block of regionBlocks(path, frames, options)) kept.push(block)
      return joinBlocks(kept, kept[0]!.length)
    }
    const both = await read({})
    expect(await read({ mixed: true })).toEqual([mono(both)])
    expect(await read({ mixed: true, channel: 1 })).toEqual([both[1]])
  },
)

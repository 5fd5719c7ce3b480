import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ErrorCode } from '../../../src/contract/errors.ts'
import { openRecording, type OpenOptions } from '../../../src/engine/audio/open.ts'
import { writeWav } from '../../../src/formats/wav.ts'
import { ffmpegPath, testNeeding } from '../../support/needs.ts'
import { channelsOf, codecs, convert, folder, put, putWav } from './material.ts'

const decoders = ['auto', 'built-in'] as const
const refused = async (path: string, code: ErrorCode, message: RegExp, options: OpenOptions = {}): Promise<void> => {
  await expect(openRecording(path, options)).rejects.toMatchObject({
    name: 'EngineError',
    code,
    message: expect.stringMatching(message) as string,
  })
}

describe.each(decoders)('with decoder %s', (decoder) => {
  test('a recording is described: hash, length, rate, channels, envelope', async () => {
    const path = putWav('plain.wav')
    const { recording, overview } = await openRecording(path, { decoder })
    expect(recording).toMatchObject({ name: 'plain.wav', rate: 44_100, channels: 2, codec: 'pcm_f32le', warnings: [] })
    expect(recording.id).toBe(createHash('sha256').update(readFileSync(path)).digest('hex'))
    expect(recording.frames).toBe(Math.round(1.2345 * 44_100))
    expect(recording.seconds).toBe(recording.frames / 44_100)
    expect(overview.min).toHaveLength(Math.ceil(recording.frames / 256))
  })

  test.each(['-i new\nline.wav', '"quoted" \'name\'.wav', 'שלום 🎵.wav', '%d concat:x|y.wav', '<b>&amp;.wav'])(
    'a file called %j opens under its own name',
    async (name) => {
      const { recording } = await openRecording(putWav(name, { seconds: 0.1 }), { decoder })
      expect(recording).toMatchObject({ name, frames: 4410 })
    },
  )

  test.each(['', 'only text\n', 'fLaC but damaged from here on \0\x01\x02'])(
    'a refusal names an upload as its owner does: %j',
    async (content) => {
      await refused(put('upload-7', content), 'bad-recording', /^thunder & rain\.flac /, {
        decoder,
        name: 'thunder & rain.flac',
      })
    },
  )

  test('silence is a warning', async () => {
    const path = put('silence.wav', writeWav({ rate: 8000, channels: [new Float32Array(8000)] }))
    const { recording } = await openRecording(path, { decoder })
    expect(recording.warnings).toEqual(['silence: every sample is zero'])
  })

  test('a truncated file is a warning, and its length is the real one', async () => {
    const whole = writeWav({ rate: 8000, channels: [new Float32Array(80_000).fill(0.1)] })
    const { recording } = await openRecording(put('short.wav', whole.subarray(0, 44 + 16_000 * 2)), { decoder })
    expect(recording).toMatchObject({ seconds: 2, frames: 16_000 })
    expect(recording.warnings).toEqual(['truncated: 2 s of the 10 s its header promises'])
  })

  test('a stream that never learnt its length is whole', async () => {
    const bytes = writeWav({ rate: 8000, channels: [new Float32Array(800).fill(0.1)] })
    new DataView(bytes.buffer).setUint32(40, 0xffffffff, true)
    const { recording } = await openRecording(put('stream.wav', bytes), { decoder })
    expect(recording).toMatchObject({ frames: 800, warnings: [] })
  })

  test.each([NaN, Infinity])('a sample of %d is refused with its count and its first place', async (value) => {
    const channels = [new Float32Array(1000), new Float32Array(1000)]
    channels[0]![300] = value
    channels[1]![200] = value
    const path = put('broken.wav', writeWav({ rate: 8000, channels }, 'f32'))
    await refused(path, 'not-finite', /2 samples, the first at 0\.0250 s \(frame 200, channel 1\)/, { decoder })
  })

  test('text, playlists and pictures are refused for what they are, whatever they are called', async () => {
    const other = putWav('other.wav', { seconds: 0.1 })
    await refused(put('text.wav', 'just some words\n'), 'bad-recording', /text\.wav is text/, { decoder })
    for (const words of [
      `#EXTM3U\n#EXTINF:1,\n${other}\n#EXT-X-ENDLIST\n`,
      `ffconcat version 1.0\nfile '${other}'\n`,
      `[playlist]\nFile1=${other}\nNumberOfEntries=1\n`,
      `\ufeff#EXTM3U\n${other}\n`,
    ])
      await refused(put('list.mp3', words), 'bad-recording', /is a playlist/, { decoder })
    await refused(put('ids.mp3', `ID3\u0004\0\0\0\0\0\0#EXTM3U\n#EXTINF:1,\n${other}\n`), 'bad-recording', /ids\.mp3/, {
      decoder,
    })
    await refused(put('photo.wav', Buffer.from('89504e470d0a1a0a', 'hex')), 'bad-recording', /PNG picture/, { decoder })
  })

  test('a header without sound is refused', async () => {
    const path = put('nothing.wav', writeWav({ rate: 8000, channels: [new Float32Array(0)] }))
    await refused(path, 'bad-recording', /nothing\.wav/, { decoder })
  })

  test('an aborted opening ends as an abort', async () => {
    const path = putWav('aborted.wav', { seconds: 20 })
    await expect(openRecording(path, { decoder, signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    })
  })
})

describe('what is no file', () => {
  test('a missing file', () => refused(join(folder, 'none.wav'), 'not-found', /no file none\.wav/))
  test('a path through a file', () => refused(join(putWav('a.wav'), 'b.wav'), 'not-found', /no file b\.wav/))
  test('a folder', async () => {
    mkdirSync(join(folder, 'folder.wav'))
    await refused(join(folder, 'folder.wav'), 'bad-recording', /is a folder/)
  })
  test('an empty file', () => refused(put('empty.wav', ''), 'bad-recording', /is empty/))
  test.skipIf(process.platform === 'win32')('a pipe, which is never opened', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe.wav')])
    await refused(join(folder, 'pipe.wav'), 'bad-recording', /is a pipe/)
  })
  test.skipIf(process.platform === 'win32')('a device', () => refused('/dev/zero', 'bad-recording', /is a device/))
  test.skipIf(process.getuid?.() === 0 || process.platform === 'win32')('a file that may not be read', async () => {
    const path = putWav('secret.wav')
    chmodSync(path, 0)
    await refused(path, 'bad-recording', /may not be read/)
  })
  test('line breaks of a name do not break the sentence', () =>
    refused(join(folder, 'two\nlines.wav'), 'not-found', /no file two\\u000alines\.wav/))
})

testNeeding('ffmpeg')('video without audio says so', async () => {
  for (const name of ['video.mp4', 'video.mkv', 'video.avi']) {
    const path = join(folder, name)
    spawnSync(ffmpegPath, ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc=d=0.2:s=64x64', '-y', path])
    await refused(path, 'bad-recording', /has no audio/)
  }
})

testNeeding('ffmpeg')('of a film with two sound tracks the first is read, and that is said', async () => {
  const first = putWav('first.wav')
  const two = ['-i', putWav('second.wav', { channels: 1 }), '-map', '0', '-map', '1', '-c:a', 'flac']
  const { recording } = await openRecording(convert(first, 'two.mkv', ...two))
  expect(recording).toMatchObject({
    channels: 2,
    warnings: ['tracks: only the first of its 2 sound tracks is read'],
  })
})

testNeeding('ffmpeg')('NIST SPHERE, as corpora of speech have it in files called .wav', async () => {
  const [sound] = channelsOf(16_000, 0.5, 1)
  const samples = Int16Array.from(sound!, (value) => Math.round(value * 32_768))
  const fields = [
    `sample_count -i ${samples.length}`,
    ...['sample_rate -i 16000', 'channel_count -i 1', 'sample_n_bytes -i 2', 'sample_byte_format -s2 01'],
    'sample_coding -s3 pcm',
    'end_head',
  ]
  const header = Buffer.alloc(1024, ' ')
  header.write(`NIST_1A\n   1024\n${fields.join('\n')}\n`)
  const path = put('timit.wav', Buffer.concat([header, Buffer.from(samples.buffer)]))
  const { recording } = await openRecording(path)
  expect(recording).toMatchObject({
    rate: 16_000,
    channels: 1,
    frames: samples.length,
    codec: 'pcm_s16le',
    warnings: [],
  })
})

testNeeding('ffmpeg')('bytes that are nothing are refused', () => {
  const noise = Uint8Array.from({ length: 50_000 }, (_, n) => (n * n * 31 + (n >> 3) * 17) % 256)
  return refused(put('noise.mp3', noise), 'bad-recording', /cannot be decoded|not a kind of file/)
})

testNeeding('ffmpeg')('files cut short in any format open with a warning', async () => {
  for (const [name, options] of codecs.filter(([name]) => name !== 'm4a')) {
    const bytes = readFileSync(convert(putWav('long.wav', { seconds: 4 }), `whole.${name}`, ...options))
    const path = put(`cut.${name}`, bytes.subarray(0, bytes.length / 2))
    for (const decoder of decoders) {
      const { recording } = await openRecording(path, { decoder })
      expect(recording.warnings, `${name}, ${decoder}`).toEqual([expect.stringContaining('truncated')])
      expect(recording.seconds).toBeLessThan(3.9)
    }
  }
})

testNeeding('ffmpeg')('without ffmpeg, a format that needs it is named', async () => {
  const path = convert(putWav('in.wav'), 'needs.m4a', '-c:a', 'aac')
  await refused(path, 'no-decoder', /needs\.m4a is MP4 or M4A, which needs ffmpeg.*FFMPEG_BIN/, { decoder: 'built-in' })
})

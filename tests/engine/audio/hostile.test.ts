import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest'
import { EngineError } from '../../../src/contract/errors.ts'
import { startDecoding } from '../../../src/engine/audio/decode.ts'
import { openRecording } from '../../../src/engine/audio/open.ts'
import { writeWav } from '../../../src/formats/wav.ts'
import { ffmpegPath, testNeeding } from '../../support/needs.ts'
import { channelsOf, convert, folder, put, putWav } from './material.ts'

/** Files made to hurt: each is a sentence or a warning, soon, and leaves no process behind. */

const children = (): string => {
  const path = `/proc/self/task/${process.pid}/children`
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : ''
}
const before = children()
afterEach(() => expect(children()).toBe(before))

const second = (): Buffer => Buffer.from(writeWav({ rate: 8000, channels: channelsOf(8000, 1, 1) }))
const outcome = async (path: string, decoder: 'auto' | 'built-in'): Promise<string> => {
  const opened = await openRecording(path, { decoder }).catch((error: unknown) => error as Error)
  if (!(opened instanceof Error)) return opened.recording.warnings.join('; ') || 'opened'
  expect(opened, opened.stack).toBeInstanceOf(EngineError)
  expect(opened.message).not.toMatch(/\n|undefined|\[object/)
  return opened.message
}

describe.each(['auto', 'built-in'] as const)('decoder %s', (decoder) => {
  test('a header that promises ten hours is believed for what is there', async () => {
    const bytes = second()
    bytes.writeUInt32LE(0x7ffffff0, 4)
    bytes.writeUInt32LE(8000 * 2 * 36_000, 40)
    expect(await outcome(put('hours.wav', bytes), decoder)).toMatch(/^truncated: 1 s of the 36000 s/)
  })

  test.each([
    ['no channels', 22, 0],
    ['65 535 channels', 22, 65_535],
    ['no rate', 24, 0],
    ['a rate of four thousand million', 24, 0xffffffff],
    ['frames of no bytes', 32, 0],
    ['samples of 65 535 bits', 34, 65_535],
  ])('a header of %s', async (_, at, value) => {
    const bytes = second()
    if (at === 24) bytes.writeUInt32LE(value, at)
    else bytes.writeUInt16LE(value, at)
    expect(await outcome(put('header.wav', bytes), decoder)).not.toBe('')
  })

  test('every cut of a small file', async () => {
    const bytes = second().subarray(0, 60)
    for (let length = 1; length <= bytes.length; length += 3)
      expect(await outcome(put('cut.wav', bytes.subarray(0, length)), decoder)).not.toBe('')
  })
})

testNeeding('ffmpeg')('compressed files whose bytes were changed', async () => {
  let seed = 5
  const next = (below: number): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
    return seed % below
  }
  for (const name of ['a.flac', 'a.mp3', 'a.ogg', 'a.m4a']) {
    const whole = readFileSync(convert(putWav('in.wav', { seconds: 0.5 }), name))
    for (let trial = 0; trial < 4; trial++) {
      const bytes = Buffer.from(whole)
      for (let i = 0; i < 20; i++) bytes[next(trial % 2 ? 200 : bytes.length)] = next(256)
      for (const decoder of ['auto', 'built-in'] as const)
        expect(await outcome(put(`changed-${name}`, bytes), decoder)).not.toBe('')
    }
  }
})

describe('a bomb: silence that is 25,000 times as long as its file', () => {
  const temporary = mkdtempSync(join(tmpdir(), 'otoscope bomb '))
  afterAll(() => {
    vi.unstubAllEnvs()
    rmSync(temporary, { recursive: true })
  })
  testNeeding('ffmpeg')(
    'is refused where it passes the limit; memory does not grow with it, nothing is on disk',
    async () => {
      const path = join(folder, 'bomb.flac')
      // 192 000 frames of eight channels a second, 369 MB of samples in all
      const silence = ['-f', 'lavfi', '-i', 'anullsrc=r=192000:cl=7.1:d=60:n=65535']
      const options = ['-c:a', 'flac', '-frame_size', '65535', '-compression_level', '0']
      execFileSync(ffmpegPath, ['-v', 'error', '-y', ...silence, ...options, path])
      expect(statSync(path).size).toBeLessThan(20_000)
      const files = readdirSync(folder)
      // where programs put what they need no longer
      for (const name of ['TMPDIR', 'TEMP', 'TMP']) vi.stubEnv(name, temporary)
      for (const decoder of ['auto', 'built-in'] as const) {
        const before = process.resourceUsage().maxRSS
        await expect(openRecording(path, { decoder, limitBytes: 150e6 })).rejects.toMatchObject({
          code: 'bad-recording',
          message: 'bomb.flac decodes to more than 0.15 GB; cut it into parts',
        })
        expect((process.resourceUsage().maxRSS - before) * 1024).toBeLessThan(100e6)
      }
      expect(readdirSync(temporary)).toEqual([])
      expect(readdirSync(folder)).toEqual(files)
    },
  )
})

test('a file that is large itself may decode to more than the limit: WAV to four times its size', async () => {
  const path = put('large.wav', writeWav({ rate: 48_000, channels: channelsOf(48_000, 2, 4) }))
  const { recording } = await openRecording(path, { limitBytes: 1e6 })
  expect(recording.frames * recording.channels * 4).toBeGreaterThan(1.5e6)
})

testNeeding('ffmpeg')('headers of 2^31 channels', async () => {
  const au = [...'.snd'].map((letter) => letter.charCodeAt(0))
  for (const number of [24, 0xffffffff, 3, 48_000, 2 ** 31])
    au.push(...[24, 16, 8, 0].map((shift) => (number >>> shift) & 255))
  expect(
    await outcome(put('channels.au', Uint8Array.from([...au, ...new Array<number>(4096).fill(1)])), 'auto'),
  ).toMatch(/cannot be decoded/)
})

testNeeding('ffmpeg')('a film that says its sound is in another file reads no other file', async () => {
  const bytes = readFileSync(convert(putWav('in.wav', { seconds: 0.5 }), 'film.mov', '-c:a', 'pcm_s16le'))
  // a data reference is to the file itself where the last bit of its flags is set (QuickTime File Format, 'dref')
  const at = bytes.indexOf('url ', bytes.indexOf('dref'))
  bytes.writeUInt32BE(0, at + 4)
  expect(await outcome(put('elsewhere.mov', bytes), 'auto')).not.toBe('')
})

testNeeding('ffmpeg')('names that look like options, protocols and patterns are names', async () => {
  for (const name of ['-i.wav', '-.wav', 'http:x.wav', 'concat:a|b.wav', '%03d.wav', 'a\nb.wav', '~.wav', '$(x).wav']) {
    const { recording } = await openRecording(put(name, second()))
    expect(recording.name).toBe(name)
  }
})

test.skipIf(process.platform === 'win32')('a link to a pipe is a pipe', async () => {
  execFileSync('mkfifo', [join(folder, 'endless')])
  execFileSync('ln', ['-s', 'endless', join(folder, 'link.wav')])
  expect(await outcome(join(folder, 'link.wav'), 'auto')).toMatch(/is a pipe/)
})

testNeeding('ffmpeg', 'peaks')('what an ended ffmpeg had written is not taken for the whole', async () => {
  const path = convert(putWav('in.wav', { seconds: 30 }), 'ended.flac', '-c:a', 'flac')
  for (const end of ['cancelled', 'killed'] as const) {
    const ending = new AbortController()
    const { blocks } = await startDecoding(path, { signal: ending.signal })
    const loop = blocks[Symbol.asyncIterator]()
    await loop.next()
    const child = children()
      .split(' ')
      .map(Number)
      .find((id) => id && !before.split(' ').includes(String(id)))!
    process.kill(child, 'SIGSTOP')
    const rest = (async () => {
      while (!(await loop.next()).done);
    })()
    if (end === 'cancelled') ending.abort()
    else process.kill(child, 'SIGKILL')
    await expect(rest).rejects.toMatchObject(end === 'cancelled' ? { name: 'AbortError' } : { code: 'bad-recording' })
  }
})

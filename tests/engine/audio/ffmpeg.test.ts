import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { afterEach, expect, test, vi } from 'vitest'
import { joinBlocks, startDecoding } from '../../../src/engine/audio/decode.ts'
import { ffmpegArguments, findFfmpeg } from '../../../src/engine/audio/ffmpeg.ts'
import { ffmpegPath, testNeeding } from '../../support/needs.ts'
import { openRecording } from '../../../src/engine/audio/open.ts'
import { packOverview } from '../../../src/engine/audio/overview.ts'
import { convert, folder, put, putWav } from './material.ts'

afterEach(() => void vi.unstubAllEnvs())

testNeeding('ffmpeg')('ffmpeg is found with its version', async () => {
  expect(await findFfmpeg()).toMatchObject({
    path: expect.any(String) as string,
    version: expect.stringMatching(/^\w/) as string,
  })
})

test('FFMPEG_BIN that names nothing usable is a reason, and nothing else is taken in its place', async () => {
  vi.stubEnv('FFMPEG_BIN', put('not-ffmpeg', 'no program'))
  expect(await findFfmpeg()).toEqual({ reason: expect.stringContaining('FFMPEG_BIN names') as string })
})

test('names cannot become options or protocols', () => {
  const options = ffmpegArguments('5.1.9', '/tmp/-i http:x')
  expect(options[options.indexOf('-i') + 1]).toBe('file:/tmp/-i http:x')
  expect(options.indexOf('-format_whitelist')).toBeLessThan(options.indexOf('-i'))
})

test('an ffmpeg before 4.4 is not asked for what it does not know', () => {
  const filters = (version: string): boolean => ffmpegArguments(version, 'x').includes('-bsf:a')
  expect(['3.4.13', '4.2.7-0ubuntu0.1', '4.3'].map(filters)).toEqual([false, false, false])
  expect(['4.4.2', '7.1', '10.0.1', '2026-01-05-git-abc', 'N-1'].map(filters)).toEqual([true, true, true, true, true])
})

testNeeding('ffmpeg')('nothing is lost where parts of a file differ, which ffmpeg filters anew', async () => {
  const wav = putWav('part.wav', { seconds: 1.7 })
  const parts = [1, 2, 1].map((channels) => readFileSync(convert(wav, 'part.mp3', '-ac', String(channels))))
  const path = put('parts.mp3', Buffer.concat(parts))
  const decoding = await startDecoding(path)
  const [samples] = await joinBlocks(decoding.blocks, decoding.channels)
  const alone = ['-v', 'quiet', '-i', path, '-f', 'f32le', '-ac', String(decoding.channels), '-']
  const { stdout } = spawnSync(ffmpegPath, alone)
  expect(Buffer.from(samples!.buffer).equals(stdout)).toBe(true)
})

/** Process ids of running programs whose command line names `path`. */
const running = (path: string): string[] =>
  readdirSync('/proc').filter((id) => {
    try {
      return (
        /^\d+$/.test(id) &&
        id !== String(process.pid) &&
        readFileSync(`/proc/${id}/cmdline`, 'utf8').includes(`file:${path}`)
      )
    } catch {
      return false
    }
  })
const gone = async (path: string): Promise<boolean> => {
  for (let tries = 0; tries < 100; tries++) {
    if (running(path).length === 0) return true
    await setTimeout(50)
  }
  return false
}
/** long enough that ffmpeg waits for its reader */
const long = (name: string): string => convert(putWav('long.wav', { seconds: 120 }), name, '-c:a', 'flac')
// only Linux lists processes as files
const testChildren = process.platform === 'linux' ? testNeeding('ffmpeg') : test.skip

testChildren('leaving the loop early ends the child', async () => {
  const path = long('left.flac')
  for await (const block of (await startDecoding(path)).blocks) {
    expect(block[0]!.length).toBeGreaterThan(0)
    expect(running(path)).toHaveLength(1)
    break
  }
  expect(running(path)).toEqual([])
})

testChildren('opening what is known already leaves no child', async () => {
  const path = long('known.flac')
  const first = await openRecording(path)
  const known = {
    fileHash: () => null,
    rememberFileHash: () => undefined,
    findRecording: () => ({ recording: first.recording, overview: packOverview(first.overview) }),
    putRecording: () => undefined,
  }
  expect((await openRecording(path, { known })).recording).toEqual(first.recording)
  expect(running(path)).toEqual([])
})

testChildren('an abort ends the child and the loop', async () => {
  const path = long('aborted.flac')
  const controller = new AbortController()
  const decoding = await startDecoding(path, { signal: controller.signal })
  const reading = (async () => {
    for await (const block of decoding.blocks) if (block) controller.abort()
  })()
  await expect(reading).rejects.toMatchObject({ name: 'AbortError' })
  expect(await gone(path)).toBe(true)
})

testChildren('a killed parent leaves no child behind', async () => {
  const path = long('orphan.flac')
  const decode = new URL('../../../src/engine/audio/decode.ts', import.meta.url).href
  const script = put(
    'parent.mjs',
    `import { joinBlocks, startDecoding } from ${JSON.stringify(decode)}
     const { blocks } = await startDecoding(${JSON.stringify(path)})
     for await (const block of blocks) { console.log(block.length); await new Promise((r) => setTimeout(r, 60_000)) }`,
  )
  const parent = spawn(process.execPath, [script], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
  await once(parent.stdout, 'data')
  expect(running(path)).toHaveLength(1)
  parent.kill('SIGKILL')
  expect(await gone(path)).toBe(true)
})

import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Recording } from '../../src/contract/recording.ts'
import type { RawFormat } from '../../src/contract/raw-format.ts'
import { createEngine, type Engine } from '../../src/engine/index.ts'
import { writeWav } from '../../src/formats/wav.ts'
import { startServer, type ServedPage } from '../../src/server/index.ts'
import { testNeeding } from '../support/needs.ts'

/** The server with the engine behind it: a file that was sent to it is on the disk for as long as something needs it. */

const folder = mkdtempSync(join(tmpdir(), 'otoscope-uploads-test-'))
let engine: Engine
let page: ServedPage
beforeAll(async () => {
  engine = await createEngine({
    cacheFolder: join(folder, 'cache'),
    settingsFolder: join(folder, 'settings'),
    threads: 1,
    host: 'a test',
  })
  page = await startServer({ handlers: engine.handlers, open: engine.host['files.open'], folder, port: 0 })
})
afterAll(async () => {
  await page.close()
  expect(mine()).toEqual([])
  await engine.close()
  rmSync(folder, { recursive: true })
})

const mine = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith(`otoscope-uploads-${process.pid}-`))
const kept = (): number => mine().reduce((sum, name) => sum + readdirSync(join(tmpdir(), name)).length, 0)

interface Refusal {
  error: { code: string; message: string; detail: { rawFile?: { id: number; guess: RawFormat } } }
}
const address = (name: string): string => {
  const { origin, search } = new URL(page.url)
  return `${origin}/recordings?name=${encodeURIComponent(name)}&${search.slice(1)}`
}
const send = async <Answer = Recording>(name: string, body: Uint8Array): Promise<Answer> =>
  (await (await fetch(address(name), { method: 'POST', body: Buffer.from(body) })).json()) as Answer

const sine = (frames: number, hertz: number): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length: frames }, (_, n) => 0.5 * Math.sin((2 * Math.PI * hertz * n) / 8000))
const wav = (seconds: number): Uint8Array =>
  writeWav({ rate: 8000, channels: [sine(8000 * seconds, 300), sine(8000 * seconds, 400)] })

test('a closed recording’s file is gone when no channel of it is open either', async () => {
  const calls = engine.client.engine
  const whole = await send('take.wav', wav(1))
  expect(kept()).toBe(1)
  // the same bytes once more: one recording, of one file
  expect((await send('take again.wav', wav(1))).id).toBe(whole.id)
  expect(kept()).toBe(1)
  const channels = await calls['recordings.split']({ recording: whole.id })
  await calls['recordings.close']({ recording: whole.id })
  await calls['recordings.close']({ recording: channels[0]!.id })
  expect(kept()).toBe(1)
  const { max } = await calls['recordings.peaks']({ recording: channels[1]!.id, range: [0, 0.01], columns: 80 })
  expect(max.reduce((a, b) => Math.max(a, b))).toBeCloseTo(0.5, 2)
  await calls['recordings.close']({ recording: channels[1]!.id })
  expect(kept()).toBe(0)
})

test('a file that is no recording is gone at once', async () => {
  const { error } = await send<Refusal>('notes.wav', Buffer.from('%PDF-1.7 and no sound'))
  expect(error.code).toBe('bad-recording')
  expect(kept()).toBe(0)
})

test('one whose opening is cancelled is gone at once, and one whose sender goes away', async () => {
  const calls = engine.client.engine
  let answer: Refusal | undefined
  const sent = send<Refusal>('long.wav', wav(120)).then((found) => (answer = found))
  while (!answer) {
    await new Promise((resolve) => setTimeout(resolve, 1))
    for (let opening = 0; opening < 20; opening++) await calls['recordings.cancelOpening']({ opening })
  }
  await sent
  expect(answer.error).toMatchObject({ code: 'cancelled' })
  expect(kept()).toBe(0)

  const begun = request(address('half.wav'), { method: 'POST', headers: { 'Content-Length': 1_000_000 } })
  begun.on('error', () => undefined)
  begun.write(wav(1))
  await expect.poll(kept).toBe(1)
  begun.destroy()
  await expect.poll(kept).toBe(0)
})

testNeeding('ffmpeg')(
  'one without a header is there while it waits, is open, or waits to be read in another way',
  async () => {
    const calls = engine.client.engine
    const ask = async (): Promise<{ id: number; guess: RawFormat }> =>
      (await send<Refusal>('take.pcm', Buffer.from(sine(8000, 300).buffer))).error.detail.rawFile!
    await calls['raw.leave']({ file: (await ask()).id })
    expect(kept()).toBe(0)

    const { id, guess } = await ask()
    expect(kept()).toBe(1)
    const recording = await calls['raw.open']({ file: id, format: { ...guess, encoding: 'f32le' } })
    await calls['raw.again']({ recording: recording.id })
    await calls['recordings.close']({ recording: recording.id })
    expect(kept()).toBe(1)
    let waiting = -1
    const off = calls['raw.waiting'](([file]) => (waiting = file?.id ?? -1))
    await expect.poll(() => waiting).toBeGreaterThan(-1)
    await calls['raw.leave']({ file: waiting })
    off()
    expect(kept()).toBe(0)
  },
)

test('a file that was opened by its path stays', async () => {
  const path = join(folder, 'own.wav')
  writeFileSync(path, wav(1))
  const { id } = await engine.client.host['files.open']({ path })
  await engine.client.engine['recordings.close']({ recording: id })
  expect(existsSync(path)).toBe(true)
})

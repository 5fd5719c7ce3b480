import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createSounds, type Sounds } from '../../../src/engine/audio/sounds.ts'
import { tone } from '../../support/sounds.ts'

let folder: string
let sounds: Sounds
let id: string
const told: string[] = []
const at = (name: string): string => join(folder, name)
/** looks are two seconds apart */
const later = (): void => void vi.advanceTimersByTime(2100)

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  folder = mkdtempSync(join(tmpdir(), 'otoscope-follow-'))
  told.length = 0
  sounds = createSounds({ onMoved: (message) => told.push(message) })
  writeFileSync(at('a.wav'), tone(2, 440))
  id = (await sounds.open(at('a.wav'))).id
})
afterEach(() => {
  vi.useRealTimers()
  rmSync(folder, { recursive: true, force: true })
})
const peaks = () => sounds.peaks(id, [0, 0.01], 10)

test('a file that is where it was is nothing to speak of', async () => {
  expect(await sounds.look(id)).toEqual({ recording: id, state: 'here', message: '' })
  expect(await sounds.look('another')).toBeNull()
})

test('a renamed file is found, read and called by its new name', async () => {
  renameSync(at('a.wav'), at('b ✓.wav'))
  expect(await sounds.look(id)).toMatchObject({ state: 'here' })
  expect(sounds.opened(id)).toMatchObject({ path: at('b ✓.wav'), recording: { name: 'b ✓.wav' } })
  expect(told).toEqual(['a.wav is called b ✓.wav now'])
  expect((await peaks()).max[5]).toBeGreaterThan(0)
})

test('a copy in its place, or beside it, is the same recording by its content', async () => {
  rmSync(at('a.wav'))
  writeFileSync(at('other.wav'), tone(2, 441))
  writeFileSync(at('copy.wav'), tone(2, 440))
  expect((await peaks()).max[5]).toBeGreaterThan(0)
  expect(sounds.opened(id).path).toBe(at('copy.wav'))
})

test('a file written to is said to have changed, by length or by content, and its sound is not taken for the old one', async () => {
  for (const bytes of [tone(3, 440), tone(2, 880)]) {
    writeFileSync(at('a.wav'), bytes)
    later()
    expect(await sounds.look(id)).toMatchObject({
      state: 'changed',
      message: expect.stringMatching(/^a\.wav has changed since it was opened;/) as string,
    })
    await expect(peaks()).rejects.toMatchObject({ code: 'bad-recording' })
  }
  const anew = await sounds.open(at('a.wav'))
  expect(anew.id).not.toBe(id)
  // the overview of the old one is still there
  expect((await sounds.peaks(id, [0, 2], 4)).max[1]).toBeGreaterThan(0)
})

test('a removed file is said to be gone, and is found again when it comes back', async () => {
  renameSync(at('a.wav'), `${folder}-away.wav`)
  expect(await sounds.look(id)).toMatchObject({
    state: 'gone',
    message: expect.stringMatching(/removed or moved/) as string,
  })
  await expect(peaks()).rejects.toMatchObject({ code: 'not-found' })
  renameSync(`${folder}-away.wav`, at('a.wav'))
  later()
  expect(await sounds.look(id)).toMatchObject({ state: 'here' })
})

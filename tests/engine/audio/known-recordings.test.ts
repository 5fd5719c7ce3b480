import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Recording } from '../../../src/contract/recording.ts'
import { createSounds } from '../../../src/engine/audio/sounds.ts'
import { openStore } from '../../../src/engine/store/database.ts'
import type { Store } from '../../../src/engine/store/store.ts'
import { putWav } from './material.ts'

const folder = mkdtempSync(join(tmpdir(), 'otoscope-known-'))
const path = putWav('known.wav', { seconds: 2 })
let store: Store
let first: Recording

/** As a program started anew opens it. */
const open = (name?: string): Promise<Recording> => createSounds({ known: store }).open(path, { name })
/** What is remembered can be told from what was heard by a warning that no file gives. */
const remember = (changed: Partial<Recording>, overview = store.findRecording(first.id)!.overview): void =>
  store.putRecording({ ...first, warnings: ['remembered'], ...changed }, overview)

beforeAll(async () => {
  store = openStore(folder)
  first = await open()
})
afterAll(() => {
  store.close()
  rmSync(folder, { recursive: true })
})

test('a recording opened again is answered from the store, with the same card and the same waveform', async () => {
  expect(store.stats().recordings).toBe(1)
  const [fresh, known] = [createSounds(), createSounds({ known: store })]
  expect(await known.open(path)).toEqual(await fresh.open(path))
  const far = [first.id, [0, 2], 10] as const
  expect(await known.peaks(far[0], [...far[1]], far[2])).toEqual(await fresh.peaks(far[0], [...far[1]], far[2]))
  remember({})
  expect(await open()).toEqual({ ...first, warnings: ['remembered'] })
})

test('it has the name it is opened under now', async () => {
  expect(await open('another.wav')).toMatchObject({ id: first.id, name: 'another.wav', sample: false })
})

test('what another decoder made of it, or an overview that is not whole, is listened to again', async () => {
  const whole = store.findRecording(first.id)!.overview
  remember({ decoder: 'another decoder' })
  expect(await open()).toEqual(first)
  remember({}, [whole[0]!.subarray(4), ...whole.slice(1)])
  expect(await open()).toEqual(first)
})

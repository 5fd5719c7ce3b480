import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Verdict } from '../../../src/contract/run.ts'
import { openStore } from '../../../src/engine/store/database.ts'
import type { Store } from '../../../src/engine/store/store.ts'

let folder = ''
let store: Store
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'otoscope-verdicts-'))
  store = openStore(folder)
})
afterEach(() => {
  store.close()
  rmSync(folder, { recursive: true })
})

const verdict = (changes: Partial<Verdict> = {}): Verdict => ({
  model: { id: 'tiny', hash: 'h' },
  provider: 'webgpu',
  device: 'a graphics card',
  onnxruntime: '1.30.0',
  nodes: { webgpu: 89, cpu: 20 },
  seconds: { cpu: 0.02, provider: 0.01 },
  parity: { worst: 2e-6, tap: 'encoder.hidden.1', limit: 1e-3, passed: true },
  taps: [
    { tap: 'encoder.hidden.0', error: 0 },
    { tap: 'encoder.hidden.1', error: 2e-6 },
  ],
  refused: '',
  at: '2026-01-01T00:00:00.000Z',
  ...changes,
})

test('a verdict is found again by its model, the newest first', () => {
  const later = verdict({ provider: 'cuda', at: '2026-01-02T00:00:00.000Z' })
  for (const each of [later, verdict()]) store.putVerdict(each)
  expect(store.verdicts('h')).toEqual([later, verdict()])
  expect(store.verdicts('another')).toEqual([])
})

test('a verdict takes the place of an earlier one of the same device, not of another', () => {
  const again = verdict({ refused: 'webgpu failed', parity: null, at: '2026-01-03T00:00:00.000Z' })
  const elsewhere = verdict({ device: 'another card' })
  for (const each of [verdict(), elsewhere, again]) store.putVerdict(each)
  expect(store.verdicts('h')).toEqual([again, elsewhere])
})

test('a verdict outlives the store being closed, and goes when it is cleared', () => {
  store.putVerdict(verdict())
  store.close()
  store = openStore(folder)
  expect(store.verdicts('h')).toHaveLength(1)
  store.clear()
  expect(store.verdicts('h')).toEqual([])
})

test('a verdict of another version of Otoscope counts for nothing', () => {
  store.putVerdict(verdict())
  const db = new Sqlite(join(folder, 'otoscope.sqlite'))
  db.exec(`UPDATE verdicts SET otoscope = '0.0.1'`)
  db.close()
  expect(store.verdicts('h')).toEqual([])
})

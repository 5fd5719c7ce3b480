import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Grid } from '../../../src/contract/grid.ts'
import type { Run } from '../../../src/contract/run.ts'
import { validStates } from '../../../src/engine/analysis/valid-states.ts'
import { openStore } from '../../../src/engine/store/database.ts'
import type { Store } from '../../../src/engine/store/store.ts'
import { exampleRun, matrix } from '../store/example-run.ts'

const folder = mkdtempSync(join(tmpdir(), 'otoscope-valid-states-'))
const width = 2
let store: Store
beforeAll(() => {
  store = openStore(folder)
})
afterAll(() => {
  store.close()
  rmSync(folder, { recursive: true })
})

/** a stored run whose encoder state 0 counts up from 0, `rows` by `width` */
const stored = (id: string, encoder: Grid, rows: number): Run => {
  const tap = 'encoder.hidden.0'
  const card = { tap, dtype: 'float32' as const, shape: [rows, width], axes: ['step', 'width'], stored: true }
  const example = exampleRun(id)
  const run = { ...example, grids: { ...example.grids, encoder }, taps: [card] }
  store.putRun(run, [{ tap, tensor: matrix(rows, width) }])
  return run
}
const time = { start: 0, step: 0.02, width: 0.025, count: 4, valid: 3 }
const encoder = { side: 'encoder', layer: 0, folded: false } as const

test('steps on padding are left out', () => {
  expect([...validStates(store, stored('steps', time, 4), encoder)]).toEqual([0, 1, 2, 3, 4, 5])
})

test('of patches those on audio are kept, without special tokens, or folded onto their columns', () => {
  const run = stored('patches', { time: { ...time, count: 3, valid: 2 }, bands: 2, special: 1 }, 7)
  expect([...validStates(store, run, encoder)]).toEqual([2, 3, 4, 5, 8, 9, 10, 11])
  expect([...validStates(store, run, { ...encoder, folded: true })]).toEqual([5, 6, 7, 8])
})

test('a layer that is not there, and more steps than can be compared, are refused', () => {
  const run = stored('long', { ...time, count: 3001, valid: 3001 }, 3001)
  expect(() => validStates(store, run, { ...encoder, layer: 1 })).toThrow(
    'the run of tiny has no hidden state encoder.hidden.1',
  )
  expect(() => validStates(store, run, encoder)).toThrow(
    'layers are compared over at most 3000 steps, and this clip has 3001: choose a shorter region',
  )
})

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Run } from '../../src/contract/run.ts'
import type { Tensor } from '../../src/contract/tensor.ts'
import { openStore } from '../../src/engine/store/database.ts'
import { exampleRun } from '../engine/store/example-run.ts'
import { printTable, times } from './measure.ts'
import { inFolder, noise } from './material.ts'

/** One AST run's tensors (13 hidden states of 1214 × 768) into the store and one of them back, against plain files. */
const layers = 13
const shape = [1214, 768]
const tensor: Tensor = { dtype: 'float32', shape, axes: ['step', 'width'], data: noise(1214 * 768) }
const bytes = Buffer.from(tensor.data.buffer)
const taps = Array.from({ length: layers }, (_, layer) => ({ tap: `encoder.hidden.${layer}`, tensor }))

await inFolder(async (folder) => {
  const store = openStore(folder, { limitBytes: 300e6 })
  let runs = 0
  const name = (): Run => exampleRun(`run-${runs++}`)
  const file = (layer: number): string => join(folder, `${layer}.bin`)
  const write = await times(
    () => store.putRun(name(), taps),
    () => taps.forEach((_, layer) => writeFileSync(file(layer), bytes)),
  )
  const last = `run-${runs - 1}`
  const read = await times(
    () => store.tensor(last, 'encoder.hidden.5'),
    () => readFileSync(file(5)),
    21,
  )
  store.close()
  const size = (count: number): string => `${((count * bytes.length) / 1e6).toFixed(1)} MB`
  printTable([
    { what: `a run of ${size(layers)} written, checksummed`, against: `${layers} files`, ...write },
    { what: `a layer of ${size(1)} read, checked`, against: 'one file', ...read },
  ])
})

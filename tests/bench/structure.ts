import { execFileSync } from 'node:child_process'
import { closeSync, copyFileSync, ftruncateSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openGraph } from '../../src/engine/models/open-graph.ts'
import { findGraphs, readCard } from '../../src/engine/models/folder.ts'
import { integerField, textField } from '../../src/formats/onnx/encode.ts'
import { compare, peakBytes, printTable } from './measure.ts'

/**
 * The structure of a file of 1.5 GB, read in a process of its own, against the same graph without the weights.
 * `node tests/bench/structure.ts [FOLDER [GIGABYTES]]`: of a model's graph, a small one's unless told otherwise.
 */

const golden = fileURLToPath(new URL('../golden/models/wav2vec2-eager-17', import.meta.url))
const [folderName = golden, gigabytes = '1.6'] = process.argv.slice(2)
const [big, weightBytes] = ['big.onnx', 64 << 20]
const weights = Math.round((Number(gigabytes) * 1e9) / weightBytes)

/** Weights as holes: a field's head is written, its bytes are not. The message that is begun again is merged. */
const grow = (path: string, small: string): void => {
  copyFileSync(small, path)
  const file = openSync(path, 'r+')
  let at = statSync(path).size
  for (let i = 0; i < weights; i++) {
    const about = [integerField(1, weightBytes / 4), integerField(2, 1), textField(8, `weight ${i}`)]
    const head = Buffer.concat([...about, lengthOf(9, weightBytes)])
    const inner = Buffer.concat([lengthOf(5, head.length + weightBytes), head])
    const outer = Buffer.concat([lengthOf(7, inner.length + weightBytes), inner])
    writeSync(file, outer, 0, outer.length, at)
    at += outer.length + weightBytes
  }
  ftruncateSync(file, at)
  closeSync(file)
}

/** Tag and length of a field that long. */
const lengthOf = (number: number, length: number): Uint8Array => {
  const varint = integerField(1, length).subarray(1)
  return Uint8Array.from([number * 8 + 2, ...varint])
}

const read = (path: string): { ms: number; mb: number } => {
  const words = [fileURLToPath(import.meta.url), folderName, gigabytes, path]
  return JSON.parse(execFileSync(process.execPath, words, { encoding: 'utf8' })) as never
}

const stack = readCard(folderName).encoder
const path = process.argv[4]
if (path) {
  const began = performance.now()
  openGraph(path, stack, 'after-norm', 'encoder')
  console.log(JSON.stringify({ ms: performance.now() - began, mb: peakBytes() / 2 ** 20 }))
} else {
  const folder = mkdtempSync(join(tmpdir(), 'otoscope-structure-'))
  try {
    const large = join(folder, big)
    const small = findGraphs(folderName, 'wav2vec2').encoder
    grow(large, small)
    const pairs = Array.from({ length: 7 }, () => [read(large), read(small)] as const)
    const row = (what: string, key: 'ms' | 'mb', unit: string) => ({
      what: `${what} of ${(statSync(large).size / 1e9).toFixed(1)} GB, ${stack.layers} layers`,
      against: 'the graph without weights',
      unit,
      ...compare(pairs.map(([ours, baseline]) => [ours[key], baseline[key]])),
    })
    printTable([row('structure', 'ms', 'ms'), row('peak memory of its process', 'mb', 'MB')])
  } finally {
    rmSync(folder, { recursive: true })
  }
}

import { execFileSync } from 'node:child_process'
import { closeSync, copyFileSync, ftruncateSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openGraph } from '../../src/engine/models/open-graph.ts'
import { integerField, textField } from '../../src/formats/onnx/encode.ts'
import { compare, printTable } from './measure.ts'

/** The structure of a file of 1.5 GB, read in a process of its own, against the same graph without the weights. */

const [big, weightBytes, weights] = ['big.onnx', 64 << 20, 24]
const small = fileURLToPath(new URL('../golden/models/wav2vec2-eager-17/onnx/model.onnx', import.meta.url))

/** Weights as holes: a field's head is written, its bytes are not. The message that is begun again is merged. */
const grow = (path: string): void => {
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

const read = (path: string): { ms: number; mb: number } =>
  JSON.parse(execFileSync(process.execPath, [fileURLToPath(import.meta.url), path], { encoding: 'utf8' })) as never

const [path] = process.argv.slice(2)
if (path?.endsWith('.onnx')) {
  const began = performance.now()
  openGraph(path, { layers: 2, heads: 2, width: 16 }, 'after-norm', 'encoder')
  console.log(JSON.stringify({ ms: performance.now() - began, mb: process.resourceUsage().maxRSS / 1024 }))
} else {
  const folder = mkdtempSync(join(tmpdir(), 'otoscope-structure-'))
  try {
    const large = join(folder, big)
    grow(large)
    const pairs = Array.from({ length: 7 }, () => [read(large), read(small)] as const)
    const row = (what: string, key: 'ms' | 'mb', unit: string) => ({
      what: `${what} of ${(statSync(large).size / 1e9).toFixed(1)} GB`,
      against: 'the graph without weights',
      unit,
      ...compare(pairs.map(([ours, baseline]) => [ours[key], baseline[key]])),
    })
    printTable([row('structure', 'ms', 'ms'), row('peak memory of its process', 'mb', 'MB')])
  } finally {
    rmSync(folder, { recursive: true })
  }
}

import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { EngineError } from '../../src/contract/errors.ts'
import { openGraph, type Role } from '../../src/engine/models/open-graph.ts'
import { openWorkFolder } from '../../src/engine/work-folder.ts'
import { writeCut, writeSkeleton } from '../../src/engine/models/skeleton-file.ts'
import { mutated, random } from './mutate.ts'

/** Damaged graphs through the reader: structure, sites, hidden states, skeleton and cuts. */

const models = fileURLToPath(new URL('../golden/models/', import.meta.url))
const stacks = { small: { layers: 2, heads: 2, width: 16 }, wide: { layers: 2, heads: 4, width: 16 } }

const subjects: { file: string; stack: (typeof stacks)['small']; role: Role }[] = [
  { file: 'wav2vec2-sdpa-14/onnx/model.onnx', stack: stacks.small, role: 'encoder' },
  { file: 'wavlm-eager-17/onnx/model.onnx', stack: stacks.small, role: 'encoder' },
  { file: 'conformer-relative-sdpa-14/onnx/model.onnx', stack: stacks.small, role: 'encoder' },
  { file: 'ast-bmm-17/onnx/model.onnx', stack: stacks.small, role: 'encoder' },
  { file: 'whisper-sdpa-17/onnx/encoder_model.onnx', stack: stacks.wide, role: 'encoder' },
  { file: 'whisper-merged-17/onnx/decoder_model_merged.onnx', stack: { ...stacks.small, layers: 3 }, role: 'decoder' },
  { file: 'whisper-fused-17/onnx/decoder_model.onnx', stack: { ...stacks.small, layers: 3 }, role: 'decoder' },
  { file: 'ast-fused-17/onnx/model.onnx', stack: stacks.small, role: 'encoder' },
]

export interface Fuzzed {
  opened: number
  refused: number
  /** seconds and number of the slowest file */
  slowest: { seconds: number; number: number }
  /** what is no sentence of ours, with the number that makes it again */
  wrong: { number: number; message: string }[]
}

/** Files `first` … `first + count − 1`; each number is always the same file. */
export const fuzzOnnx = (first: number, count: number, each: (number: number) => void = () => {}): Fuzzed => {
  const stock = subjects.map(({ file }) => readFileSync(join(models, file)))
  using work = openWorkFolder(join(fileURLToPath(new URL('../../', import.meta.url)), 'node_modules', '.cache'), 'fuzz')
  const found: Fuzzed = { opened: 0, refused: 0, slowest: { seconds: 0, number: 0 }, wrong: [] }
  for (let number = first; number < first + count; number++) {
    each(number)
    const { stack, role } = subjects[number % subjects.length]!
    const path = join(work.path, 'damaged.onnx')
    writeFileSync(path, mutated(stock[number % subjects.length]!, random(number)))
    const began = performance.now()
    try {
      const graph = openGraph(path, stack, 'after-norm', role)
      using made = openWorkFolder(work.path, 'skeletons')
      writeSkeleton(graph, made.path, [...graph.hidden, ...graph.self.map((site) => site.weights)])
      for (const site of graph.self) writeCut(graph, made.path, graph.hidden.slice(0, site.layer + 1), [site.weights])
      found.opened++
    } catch (error) {
      if (error instanceof EngineError && error.message.length > 0 && error.message.length < 600) found.refused++
      else found.wrong.push({ number, message: error instanceof Error ? (error.stack ?? '') : String(error) })
    }
    const seconds = (performance.now() - began) / 1000
    if (seconds > found.slowest.seconds) found.slowest = { seconds, number }
  }
  rmSync(join(work.path, 'damaged.onnx'), { force: true })
  return found
}

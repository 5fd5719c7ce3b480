import { createHash } from 'node:crypto'
import { constants, copyFileSync, existsSync, linkSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { EngineError } from '../../contract/errors.ts'
import type { ByteSource, OnnxTensor, OnnxValue } from '../../formats/onnx/graph.ts'
import { cut, skeleton, type CutInput, type WeightsFile } from '../../formats/onnx/skeleton.ts'
import { openFileSource } from './file-source.ts'
import type { ModelGraph } from './model.ts'
import { shuffledWeights } from './shuffled-weights.ts'

const shortHash = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex').slice(0, 24)

/** A hard link costs nothing; where it is refused (another disk, another owner) the file is cloned or copied, once per folder. */
const place = (file: string, target: string): void => {
  try {
    linkSync(file, target)
  } catch {
    const partial = `${target}.part`
    copyFileSync(file, partial, constants.COPYFILE_FICLONE)
    renameSync(partial, target)
  }
}

const stampOf = (file: string): string => {
  const { dev, ino, size, mtimeMs } = statSync(file)
  return [file, dev, ino, size, mtimeMs].join('\n')
}

/** A file with one weight in another order. */
const placeShuffled = (weight: OnnxTensor, file: string, folder: string): string => {
  const { offset, length } = weight.data
  const name = `${shortHash([stampOf(file), 'shuffled', weight.name, offset].join('\n'))}.weights`
  const target = join(folder, name)
  if (existsSync(target)) return name
  using source = openFileSource(file)
  writeFileSync(`${target}.part`, shuffledWeights(weight, source.read(offset, length)))
  renameSync(`${target}.part`, target)
  return name
}

/** Puts each weights file that is asked for beside the skeletons, under a name that changes when the file does. */
const weightsIn = (graph: ModelGraph, folder: string): WeightsFile => {
  const names = new Map<string, string>()
  const fileOf = (location: string | null): string => {
    const file = location === null ? graph.path : graph.external.get(location)
    if (file !== undefined) return file
    throw new EngineError('bad-model', `${graph.path} keeps weights in ${location}, an unknown file`)
  }
  return (location) => {
    const weight = location === null ? undefined : graph.shuffled?.get(location)
    if (weight) return placeShuffled(weight, fileOf(weight.data.location), folder)
    const file = fileOf(location)
    const known = names.get(file)
    if (known !== undefined) return known
    const name = `${shortHash(stampOf(file))}.weights`
    if (!existsSync(join(folder, name))) place(file, join(folder, name))
    names.set(file, name)
    return name
  }
}

/** Runs `make` and keeps its bytes in `folder`, under a name that is their hash. */
const write = <Made extends { bytes: Uint8Array }>(
  graph: ModelGraph,
  folder: string,
  make: (source: ByteSource, weightsFile: WeightsFile) => Made,
): Made & { path: string } => {
  using source = openFileSource(graph.path)
  try {
    const made = make(source, weightsIn(graph, folder))
    const path = join(folder, `${shortHash(made.bytes)}.onnx`)
    if (!existsSync(path)) {
      writeFileSync(`${path}.part`, made.bytes)
      renameSync(`${path}.part`, path)
    }
    return { ...made, path }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error
    throw new EngineError('cannot-write', `cannot put a model skeleton into ${folder}: ${(error as Error).message}`)
  }
}

/**
 * Writes a skeleton of the stock graph with `outputs` exposed into `folder` (a work folder) and returns its path, to be loaded by
 * path. The weights stay in the stock file, hard-linked beside it (copied where a link is refused). Asking again for the
 * same outputs in the same folder answers the same file.
 */
export const writeSkeleton = (graph: ModelGraph, folder: string, outputs: string[]): string =>
  write(graph, folder, (source, weightsFile) => ({
    bytes: skeleton(graph.graph, source, { outputs, weightsFile }),
  })).path

/** Hidden states are [batch, step, width] in all families; of other tensors the rank is left open. */
const cutInput = (graph: ModelGraph, name: string): CutInput => {
  const isHidden = graph.hidden.includes(name) || [...graph.self, ...graph.cross].some((site) => site.hidden === name)
  return { name, dataType: graph.types.get(name) ?? 1, shape: isHidden ? ['batch', 'step', 'width'] : null }
}

/**
 * Writes the sub-graph from the tensors `inputs` (hidden states, say) to `outputs` and returns its path and everything it must be
 * fed: the given tensors it reaches and the stock graph inputs it still needs (`encoder_hidden_states`, `input_ids` …).
 */
export const writeCut = (
  graph: ModelGraph,
  folder: string,
  inputs: string[],
  outputs: string[],
): { path: string; inputs: OnnxValue[] } => {
  const made = write(graph, folder, (source, weightsFile) =>
    cut(graph.graph, source, { inputs: inputs.map((name) => cutInput(graph, name)), outputs, weightsFile }),
  )
  return { path: made.path, inputs: made.inputs }
}

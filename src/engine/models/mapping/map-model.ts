import { rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { EngineError } from '../../../contract/errors.ts'
import type { Mapping } from '../../../contract/mapping.ts'
import type { OnnxGraph, OnnxValue } from '../../../formats/onnx/graph.ts'
import { feeds } from '../../../formats/onnx/read-graph.ts'
import { openOutput } from '../../export/output.ts'
import { familyOf } from '../families/families.ts'
import { maskInput } from '../families/family.ts'
import { openFileSource } from '../file-source.ts'
import { findGraphs, readPreprocessor } from '../folder.ts'
import { noteName, type MappedConfigs } from '../note.ts'
import { readGraphFile } from '../open-graph.ts'
import { readJson, type Json } from '../read-json.ts'
import { reading } from '../sites.ts'
import { variantsIn } from '../variants.ts'
import { frontEnd } from './front-end.ts'
import { readHead } from './head.ts'
import { readStack } from './stack.ts'
import { readStem } from './stem.ts'

/**
 * Writes into the folder's otoscope.json what a person says its model hears, and what its graph shows then. Answers what puts the file
 * back as it was. Throws `bad-model`, `bad-input` (the folder needs no mapping) or `cannot-write`.
 */
export const mapModel = (folder: string, mapping: Mapping): (() => void) => {
  const config = readJson(folder, 'config.json') ?? {}
  checkUnknown(folder, config)
  const path = findGraphs(folder, mapping.input).encoder
  const configs = readingGraph(path, () => readMapped(folder, path, config, mapping))
  const note = readJson(folder, noteName)
  writeNote(folder, { ...note, ...configs })
  return () => (note ? writeNote(folder, note) : rmSync(join(folder, noteName)))
}

const checkUnknown = (folder: string, { model_type: type }: Json): void => {
  const family = typeof type === 'string' ? familyOf(type) : undefined
  if (!family || variantsIn(folder, family.id).length === 0) return
  throw new EngineError(
    'bad-input',
    `${basename(folder)} is a model of ${family.name}, whose input is known: leave --input out`,
  )
}

const readingGraph = <T>(path: string, read: () => T): T => {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    throw new EngineError(error.code, `${basename(path)} cannot be mapped: ${error.message}`, error.detail)
  }
}

const readMapped = (folder: string, path: string, config: Json, mapping: Mapping): MappedConfigs => {
  using source = openFileSource(path)
  const from = reading(readGraphFile(path, source, 'encoder'), source)
  const input = inputOf(from.graph)
  const stack = readStack(from, config, mapping.heads)
  const found = readStem(from, input, stack.hidden[0] ?? '', mapping.input)
  const { preprocessor, stem } = frontEnd(mapping, found, readPreprocessor(folder) ?? {})
  const head = readHead(from.graph, [...stack.hidden, stack.top], readJson(folder, 'vocab.json'))
  return { config: { model_type: mapping.input, input: input.name, ...head, ...stack.keys, stem }, preprocessor }
}

const inputOf = (graph: OnnxGraph): OnnxValue => {
  const inputs = feeds(graph).filter(({ name }) => name !== maskInput)
  const [input] = inputs
  if (input && inputs.length === 1) return input
  const names = inputs.map(({ name }) => name).join(', ') || 'nothing'
  throw new EngineError(
    'bad-model',
    `the graph takes ${names}, and only one input can be mapped, with ${maskInput} beside it`,
  )
}

const writeNote = (folder: string, note: Json): void => {
  const output = openOutput(join(folder, noteName), 'file')
  try {
    writeFileSync(output.temporary, JSON.stringify(note, null, 1) + '\n')
    output.commit()
  } finally {
    output.discard()
  }
}

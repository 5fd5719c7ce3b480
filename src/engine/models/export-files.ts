import { readdirSync, statSync } from 'node:fs'
import { join, posix, relative, sep } from 'node:path'
import { EngineError } from '../../contract/errors.ts'
import type { FamilyId, ModelCard, Variant } from '../../contract/model.ts'
import { readBranches } from '../../formats/onnx/branches.ts'
import { readGraph } from '../../formats/onnx/read-graph.ts'
import { manifestName } from './archive-manifest.ts'
import { openFileSource } from './file-source.ts'
import { noteName, readNote } from './note.ts'
import { filesOf, graphFiles } from './variants.ts'

/** A file of a model as it is carried away; links are followed where `path` is read. */
export interface CarriedFile {
  /** its place in the model's folder, with slashes */
  name: string
  path: string
  bytes: number
}

/** Configs, tokenizer files, licence and README lie at the top; an index of weights in other formats is of no use without them. */
const isCarried = (name: string): boolean =>
  name !== noteName &&
  name !== manifestName &&
  !name.startsWith('.') &&
  !/\.(safetensors|bin)\.index\.json$/.test(name) &&
  /(\.(json|txt|model)|^(licen[cs]e|readme|notice|copying)(\.\w+)?)$/i.test(name)

const file = (folder: string, name: string): CarriedFile[] => {
  const path = join(folder, name)
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat?.isFile() ? [{ name, path, bytes: stat.size }] : []
}

/** Names below the model's folder of the external files that a graph keeps weights in. Throws `bad-model`. */
const externalNames = (folder: string, graph: string): string[] => {
  using source = openFileSource(join(folder, graph))
  const locations = new Set<string>()
  try {
    const read = readGraph(source)
    for (const { initializers } of [read, ...readBranches(source, read)])
      for (const { data } of initializers.values()) if (data.location !== null) locations.add(data.location)
  } catch (error) {
    throw new EngineError('bad-model', `${graph} is no ONNX model: ${(error as Error).message}`)
  }
  return [...locations].map((location) => {
    const name = posix.join(posix.dirname(graph), location)
    if (posix.isAbsolute(location) || location.includes('\\') || name.startsWith('..'))
      throw new EngineError('bad-model', `${graph} keeps weights outside its folder, in ${location}`)
    if (!statSync(join(folder, name), { throwIfNoEntry: false })?.isFile())
      throw new EngineError('bad-model', `${graph} keeps weights in ${location}, which is not there`)
    return name
  })
}

const graphNames = (folder: string, family: FamilyId, variant: Variant): string[] => {
  const files = graphFiles(folder, family, variant)
  return (files ? filesOf(files) : []).flatMap((path) => {
    const graph = relative(folder, path).split(sep).join('/')
    return [graph, ...externalNames(folder, graph)]
  })
}

/** What a model needs to be opened elsewhere: configs, tokenizer, licence, and the graphs of `variants` with their external data. */
export const carriedFiles = (folder: string, family: FamilyId, variants: readonly Variant[]): CarriedFile[] => {
  const names = new Set([
    ...readdirSync(folder).filter(isCarried).sort(),
    ...variants.flatMap((variant) => graphNames(folder, family, variant)),
  ])
  return [...names].flatMap((name) => file(folder, name))
}

/** The text of otoscope.json elsewhere: what the folder's own says, and where the model came from. */
export const carriedNote = (folder: string, { untrained, licence, hub }: ModelCard): string => {
  const note = { ...readNote(folder), untrained, ...(licence !== null && { licence }), ...(hub !== null && { hub }) }
  return JSON.stringify(note, null, 1) + '\n'
}

import { existsSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, isAbsolute, join } from 'node:path'
import { EngineError } from '../../contract/errors.ts'
import type { Stack } from '../../contract/model.ts'
import { readBranches } from '../../formats/onnx/branches.ts'
import type { ByteSource, OnnxGraph, OnnxValue } from '../../formats/onnx/graph.ts'
import { readGraph } from '../../formats/onnx/read-graph.ts'
import { dataTypeName } from '../../formats/onnx/read-tensor.ts'
import { openFileSource } from './file-source.ts'
import { openFused, stillFused } from './fused/open-fused.ts'
import { hiddenStates } from './hidden-states.ts'
import type { ModelGraph } from './model.ts'
import { findSites, reading, type FoundSite } from './sites.ts'

/** A location is a name below the model's own folder: what the runtime itself would refuse, we refuse. */
const externalFile = (path: string, location: string): string => {
  const file = join(dirname(path), location)
  if (isAbsolute(location) || location.split(/[\\/]/).includes('..'))
    throw new EngineError('bad-model', `${basename(path)} keeps weights outside its folder, in ${location}`)
  if (!existsSync(file))
    throw new EngineError('bad-model', `${basename(path)} keeps weights in ${location}, which is not there`)
  return realpathSync(file)
}

const externalFiles = (path: string, graph: OnnxGraph): Map<string, string> => {
  const files = new Map<string, string>()
  for (const { name, data } of graph.initializers.values()) {
    if (data.location === null) continue
    const file = files.get(data.location) ?? externalFile(path, data.location)
    files.set(data.location, file)
    const end = data.offset + data.length
    if (!(data.offset >= 0 && data.length >= 0 && end <= statSync(file).size))
      throw new EngineError('bad-model', `${data.location} is cut short: the weight ${name} should end at byte ${end}`)
  }
  return files
}

/** The heads the structure shows, else those of config.json; an error where the two differ. */
const withHeads = (path: string, sites: FoundSite[], heads: number): FoundSite[] =>
  sites.map((site) => {
    if (site.heads !== 0 && site.heads !== heads)
      throw new EngineError(
        'bad-model',
        `config.json says ${heads} heads and ${basename(path)} has ${site.heads}: they belong to different models`,
      )
    return { ...site, heads }
  })

const checkLayers = (path: string, kind: FoundSite['kind'], sites: FoundSite[], layers: number): void => {
  const found = sites.filter((site) => site.kind === kind).length
  if (found === layers) return
  throw new EngineError(
    'bad-model',
    `config.json says ${layers} layers, but ${basename(path)} shows ${found} ${kind}-attention sites; it may be another model's`,
  )
}

/** What cannot be opened is said, with what can be done. */
const checkOpened = (path: string, graph: OnnxGraph): void => {
  const fused = stillFused(graph)
  if (!fused) return
  const { name, opType, outputs } = fused.node
  throw new EngineError(
    'bad-model',
    `${basename(path)} has its attention fused into ${name || outputs[0]} (${opType}), which cannot be opened: it ${fused.why}; export the model without --optimize: optimum-cli export onnx --model MODEL FOLDER`,
  )
}

/** A whole number means nothing without its scale, which another tensor holds. */
const checkTypes = (path: string, types: ReadonlyMap<string, number>, shown: string[]): void => {
  const other = shown.map((name) => types.get(name)).find((type) => type !== undefined && !isShown(type))
  if (other === undefined) return
  throw new EngineError(
    'bad-model',
    `${basename(path)} hands ${dataTypeName(other)} from layer to layer, and only float32 and float16 can be shown; quantise it dynamically, as transformers.js does`,
  )
}

const isShown = (type: number): boolean => ['float32', 'float16'].includes(dataTypeName(type))

/** What a graph is to its model. */
export type Role = 'encoder' | 'decoder' | 'cached-decoder'

/** Of a merged decoder the branch that is wanted: the one with a cache takes the past. */
const branchFor = (source: ByteSource, graph: OnnxGraph, role: Role): OnnxGraph =>
  readBranches(source, graph).find(({ inputs }) => inputs.some(isPast) === (role === 'cached-decoder')) ?? graph

const isPast = ({ name }: OnnxValue): boolean => name.startsWith('past_key_values')

/** Reads a graph without its weights, what was fused in it as its parts. Throws `bad-model`. */
export const readGraphFile = (path: string, source: ByteSource, role: Role): OnnxGraph => {
  let graph: OnnxGraph
  try {
    graph = openFused(branchFor(source, readGraph(source), role))
  } catch (error) {
    throw new EngineError('bad-model', `${basename(path)} is no ONNX model: ${(error as Error).message}`)
  }
  checkOpened(path, graph)
  return graph
}

/** Reads a graph's structure, that of a decoder with cross-attention in every layer; the last `beyond` sites are no layers of it. Throws `bad-model`. */
export const openGraph = (
  path: string,
  stack: Stack,
  last: 'after-norm' | 'before-norm',
  role: Role,
  beyond = 0,
): ModelGraph => {
  using source = openFileSource(realpathSync(path))
  const graph = readGraphFile(path, source, role)
  const from = reading(graph, source)
  const sites = findSites(from)
  const found = withHeads(path, sites.slice(0, sites.length - beyond), stack.heads)
  checkLayers(path, 'self', found, stack.layers)
  checkLayers(path, 'cross', found, role === 'encoder' ? 0 : stack.layers)
  const all = hiddenStates(from, found, last)
  // a norm that follows belongs to what the sites beyond are of
  const states = beyond > 0 ? { ...all, top: all.hidden.at(-1) ?? all.top } : all
  const { types } = from
  checkTypes(path, types, [...states.hidden, states.top, ...found.map((site) => site.weights)])
  return {
    path: realpathSync(path),
    graph,
    external: externalFiles(path, graph),
    ...states,
    types,
    self: found.filter((site) => site.kind === 'self'),
    cross: found.filter((site) => site.kind === 'cross'),
  }
}

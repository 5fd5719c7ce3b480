import type { ByteSource, OnnxGraph, OnnxNode } from './graph.ts'
import { checkMade, linked, readGraphAt } from './read-graph.ts'

/**
 * The branches of a merged decoder, each as a graph of its own: Optimum puts a decoder with and one without a cache under one `If`, which
 * shares what both weigh. A branch has the initialisers of both levels, those graph inputs that it uses, and its own outputs. Empty for
 * any other graph, also where a branch's outputs bear other names than the model's.
 */
export const readBranches = (source: ByteSource, graph: OnnxGraph): OnnxGraph[] => {
  const [choice, ...others] = graph.nodes.filter((node) => node.opType === 'If')
  if (!choice || others.length > 0) return []
  const branches = ['then_branch', 'else_branch'].flatMap((name) => branchOf(source, graph, choice, name) ?? [])
  return branches.length === 2 ? branches : []
}

const branchOf = (source: ByteSource, outer: OnnxGraph, choice: OnnxNode, name: string): OnnxGraph | undefined => {
  const attribute = choice.attributes.get(name)
  if (typeof attribute !== 'object' || !('graph' in attribute)) return undefined
  const inner = readGraphAt(source, attribute.graph)
  const names = inner.outputs.map((output) => output.name)
  if (names.join('\n') !== choice.outputs.join('\n')) return undefined
  if (!outer.outputs.every((output) => names.includes(output.name))) return undefined
  const all = linked({
    ...outer,
    nodes: [...outer.nodes.filter((node) => node !== choice), ...inner.nodes],
    initializers: new Map([...outer.initializers, ...inner.initializers]),
    outputs: inner.outputs,
    isBranch: true,
  })
  return checkMade(onlyNeeded(all))
}

/** Without the nodes, inputs and initialisers that no output needs: the other branch's. */
const onlyNeeded = (graph: OnnxGraph): OnnxGraph => {
  const needed = new Set<string>()
  const waiting = graph.outputs.map((output) => output.name)
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (needed.has(name)) continue
    needed.add(name)
    waiting.push(...(graph.producers.get(name)?.inputs ?? []))
  }
  return linked({
    ...graph,
    nodes: graph.nodes.filter((node) => node.outputs.some((output) => needed.has(output))),
    initializers: new Map([...graph.initializers].filter(([name]) => needed.has(name))),
    inputs: graph.inputs.filter((input) => needed.has(input.name)),
  })
}

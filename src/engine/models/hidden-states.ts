import type { OnnxGraph, OnnxNode } from '../../formats/onnx/graph.ts'
import type { FoundSite, Reading } from './sites.ts'
import { ancestors, original, otherOperand, recodings } from './walk.ts'

/** The first output of a node that does `opType` to `name`, in whatever type of numbers; `operand` is what it takes of it. */
const result = (
  graph: OnnxGraph,
  name: string,
  opType: string,
  fits: (node: OnnxNode, operand: string) => boolean,
): string | undefined => {
  for (const operand of recodings(graph, name)) {
    const node = graph.consumers.get(operand)?.find((n) => n.opType === opType && fits(n, operand))
    if (node) return node.outputs[0]
  }
  return undefined
}

const isFirst = (node: OnnxNode, operand: string): boolean => node.inputs[0] === operand

/** `name` after a Mul or Add with a constant, or undefined. */
const affine = ({ graph, constant }: Reading, name: string, opType: string): string | undefined =>
  result(graph, name, opType, (node, operand) => constant.has(otherOperand(node, operand)))

/** The layer norm of `name`: one node from opset 17 on, ReduceMean Sub … Sqrt Div Mul Add before. */
export const normOf = (from: Reading, name: string): string | undefined => {
  const { graph } = from
  const norm =
    result(graph, name, 'LayerNormalization', isFirst) ?? result(graph, name, 'SimplifiedLayerNormalization', isFirst)
  if (norm) return norm
  const mean = result(graph, name, 'ReduceMean', isFirst)
  const means = new Set(mean === undefined ? [] : recodings(graph, mean))
  const centred = result(graph, name, 'Sub', (node) => means.has(node.inputs[1] ?? ''))
  const scaled = centred && result(graph, centred, 'Div', isFirst)
  const weighted = scaled && affine(from, scaled, 'Mul')
  // it may have no bias
  return weighted && (affine(from, weighted, 'Add') ?? weighted)
}

/** `name` plus something computed from it: the end of a residual branch that begins at `name`. */
const branchEnd = ({ graph, constant }: Reading, name: string): string | undefined =>
  result(graph, name, 'Add', (node, operand) => {
    const other = otherOperand(node, operand)
    return !constant.has(other) && other !== operand && ancestors(graph, other).has(name)
  })

/** What a residual branch that ends in `name` began with: x of x + f(x). Undefined where `name` is no such sum. */
const branchStart = ({ graph, constant }: Reading, name: string): string | undefined => {
  const node = graph.producers.get(name)
  if (node?.opType !== 'Add') return undefined
  const [left = '', right = ''] = node.inputs
  const begins = (x: string, other: string) => !constant.has(x) && x !== other && ancestors(graph, other).has(x)
  if (begins(left, right)) return original(graph, left)
  return begins(right, left) ? original(graph, right) : undefined
}

/** Residual branches back from a site's hidden state to where they begin; none where they go back to another site. */
const branchesBefore = (from: Reading, { hidden }: FoundSite, joined: ReadonlySet<string>): string[] => {
  const begins: string[] = []
  for (let name = branchStart(from, hidden); name !== undefined; name = branchStart(from, name)) {
    if (joined.has(name)) return []
    begins.push(name)
  }
  return begins
}

/**
 * What enters each layer. A Conformer's has half a feed-forward layer before its attention, and ends with a norm: what lies between
 * that norm and the site belongs to the layer. The first layer comes after a stem that may add as well, so the others say how much it is.
 */
const enteringLayers = (from: Reading, sites: FoundSite[]): string[] => {
  const joined = new Set(sites.map((site) => site.joined))
  const own = sites.filter((site) => site.kind === 'self')
  const before = own.map((site) => branchesBefore(from, site, joined))
  const branches = own.length < 2 ? 0 : Math.min(...before.slice(1).map((begins) => begins.length))
  return own.map((site, i) => before[i]?.[branches - 1] ?? site.hidden)
}

/** The last layer's output before any final norm, from the tensor after its last attention's residual addition. */
const lastSum = (from: Reading, joined: string): string => {
  const normed = normOf(from, joined)
  const next = branchEnd(from, joined) ?? (normed === undefined ? undefined : branchEnd(from, normed))
  return next === undefined ? joined : lastSum(from, next)
}

/**
 * hidden_states[0 … layers] as Hugging Face lists them: what enters each layer, and last what leaves the stack, before or
 * after the norm that follows it, as the family has it. `top` is the stack's last tensor, norm included, in any case.
 */
export const hiddenStates = (
  from: Reading,
  sites: FoundSite[],
  last: 'after-norm' | 'before-norm',
): { hidden: string[]; top: string } => {
  const sum = lastSum(from, sites.at(-1)?.joined ?? '')
  const normed = normOf(from, sum) ?? sum
  return { hidden: [...enteringLayers(from, sites), last === 'after-norm' ? normed : sum], top: lastNorm(from, normed) }
}

/** A Conformer's layers end with a norm, and the stack's own may follow that of the last. */
const lastNorm = (from: Reading, name: string): string => {
  const next = normOf(from, name)
  return next === undefined ? name : lastNorm(from, next)
}

import type { OnnxGraph, OnnxNode } from '../../formats/onnx/graph.ts'
import type { FoundSite, Reading } from './sites.ts'
import { ancestors, otherOperand } from './walk.ts'

const consumer = (graph: OnnxGraph, name: string, opType: string, first = ''): OnnxNode | undefined =>
  graph.consumers.get(name)?.find((node) => node.opType === opType && (first === '' || node.inputs[0] === first))

/** `name` after a Mul or Add with a constant, or undefined. */
const affine = ({ graph, constant }: Reading, name: string, opType: string): string | undefined =>
  graph.consumers.get(name)?.find((node) => node.opType === opType && constant.has(otherOperand(node, name)))
    ?.outputs[0]

/** The layer norm of `name`: one node from opset 17 on, ReduceMean Sub … Sqrt Div Mul Add before. */
export const normOf = (from: Reading, name: string): string | undefined => {
  const { graph } = from
  const norm = consumer(graph, name, 'LayerNormalization', name)
  if (norm) return norm.outputs[0]
  const mean = consumer(graph, name, 'ReduceMean', name)?.outputs[0]
  const centred = graph.consumers.get(name)?.find((n) => n.opType === 'Sub' && n.inputs[1] === mean)?.outputs[0]
  const scaled = mean && centred && consumer(graph, centred, 'Div', centred)?.outputs[0]
  const weighted = scaled && affine(from, scaled, 'Mul')
  return weighted && affine(from, weighted, 'Add')
}

/** `name` plus something computed from it: the end of a residual branch that begins at `name`. */
const branchEnd = ({ graph, constant }: Reading, name: string): string | undefined =>
  graph.consumers.get(name)?.find((node) => {
    const other = otherOperand(node, name)
    return node.opType === 'Add' && !constant.has(other) && other !== name && ancestors(graph, other).has(name)
  })?.outputs[0]

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
  const top = normOf(from, sum) ?? sum
  const entering = sites.filter((site) => site.kind === 'self').map((site) => site.hidden)
  return { hidden: [...entering, last === 'after-norm' ? top : sum], top }
}

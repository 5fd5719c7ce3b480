import type { OnnxGraph, OnnxNode } from '../../formats/onnx/graph.ts'
import { isFloat } from '../../formats/onnx/read-tensor.ts'
import { float32 } from './element-types.ts'
import { recodes } from './operators.ts'

/** Tensors computed from the values of `start`, itself included. What only depends on its shape does not count. */
export const descendants = (graph: OnnxGraph, start: string): Set<string> => {
  const found = new Set([start])
  const waiting = [start]
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop())
    for (const node of graph.consumers.get(name) ?? []) {
      if (node.opType === 'Shape') continue
      for (const output of node.outputs)
        if (output !== '' && !found.has(output)) {
          found.add(output)
          waiting.push(output)
        }
    }
  return found
}

/** Tensors that `start` is computed from, itself included. */
export const ancestors = (graph: OnnxGraph, start: string): Set<string> => {
  const found = new Set([start])
  const waiting = [start]
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop())
    for (const input of graph.producers.get(name)?.inputs ?? [])
      if (input !== '' && !found.has(input)) {
        found.add(input)
        waiting.push(input)
      }
  return found
}

/** The tensor and what it becomes in other types and scales of numbers, nearest first. */
export const recodings = (graph: OnnxGraph, name: string): string[] => {
  const found = [name]
  for (const tensor of found)
    for (const node of graph.consumers.get(tensor) ?? [])
      if (recodes(node) && node.inputs[0] === tensor && node.outputs[0]) found.push(node.outputs[0])
  return found
}

/**
 * What the tensor was before it was put into another type or scale of numbers, as far back as it has real ones by `types`: rows of a
 * quantised table never had them before.
 */
export const original = (graph: OnnxGraph, name: string, types: ReadonlyMap<string, number> = new Map()): string => {
  const maker = graph.producers.get(name)
  const input = maker && recodes(maker) ? maker.inputs[0] : undefined
  if (!input) return name
  const before = original(graph, input, types)
  return isFloat(types.get(before) ?? float32) ? before : name
}

/** The other operand of a two-operand node. */
export const otherOperand = (node: OnnxNode, operand: string): string =>
  (node.inputs[0] === operand ? node.inputs[1] : node.inputs[0]) ?? ''

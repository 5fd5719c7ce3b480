import { concat } from '../concat.ts'
import { bytesField, integerField, textField } from './encode.ts'
import type { ByteSource, OnnxNode } from './graph.ts'
import { fields, fieldsOf, textOf } from './wire.ts'

/**
 * The `Attention` operator of opset 23 does all of an attention layer between its projections: Y = softmax(scale · Q Kᵀ + mask) V. Its
 * fourth output, which exporters leave out, gives what the softmax made where `qk_matmul_output_mode` is 3. onnxruntime's own
 * `GroupQueryAttention`, whose keys serve several heads each, has the same under another name.
 */

const [scoresPlace, intType] = [3, 2]
/** By operator: the attribute that says what the fourth output gives, and its value for the softmax's result. */
const modes = new Map([
  ['.Attention', { mode: 'qk_matmul_output_mode', softmax: 3 }],
  ['com.microsoft.GroupQueryAttention', { mode: 'qk_output', softmax: 2 }],
])

type Operator = Pick<OnnxNode, 'opType' | 'domain'>

const modeOf = ({ opType, domain }: Operator) => modes.get(`${domain}.${opType}`)

export const isAttentionOp = (node: Operator): boolean => modeOf(node) !== undefined

/** What the weights of such a node are called once they are asked for; undefined where it gives other scores already. */
export const weightsName = (node: Omit<OnnxNode, 'weights'>): string | undefined => {
  const asked = modeOf(node)
  if (!asked || !node.outputs[0]) return undefined
  const given = node.outputs[scoresPlace]
  if (!given) return `${node.outputs[0]}#weights`
  return node.attributes.get(asked.mode) === asked.softmax ? given : undefined
}

/** The node's message with that output. */
export const askingForWeights = (source: ByteSource, node: OnnxNode): Uint8Array => {
  const { span, outputs, weights = '' } = node
  const { mode, softmax } = modeOf(node)!
  const kept = Array.from(fields(source, span.offset, span.offset + span.length)).filter((field) => {
    if (field.number === 2) return false
    if (field.number !== 5) return true
    return !Array.from(fieldsOf(source, field)).some((f) => f.number === 1 && textOf(source, f) === mode)
  })
  const all = Array.from({ length: scoresPlace }, (_, i) => outputs[i] ?? '')
  return concat([
    ...kept.map((field) => source.read(field.start, field.offset + field.length - field.start)),
    ...[...all, weights].map((name) => textField(2, name)),
    bytesField(5, textField(1, mode), integerField(3, softmax), integerField(20, intType)),
  ])
}

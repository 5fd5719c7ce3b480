import { isPatchGrid } from '../../contract/grid.ts'
import type { RunOptions } from '../../contract/run.ts'
import type { Model, ModelGraph } from '../models/model.ts'
import { product, stemOf, weightBytes, widestProjection } from './graph-facts.ts'
import { runShapes, type RunShapes } from './run-shapes.ts'

/**
 * What a run takes at its largest, in a process of its own, worked out from the graphs' structure and the clip's length before anything
 * is loaded. It lies within a factor of 1.5 of what was measured for every family, size and length tried (docs/measurements.md),
 * and rather above than below.
 */
export interface RunMemory {
  weights: number
  activations: number
  /** with what the process takes by itself */
  total: number
}

/** An inference process before it has loaded a model: Node, onnxruntime, SQLite and the code of all three. */
const processBytes = 160e6

/** V8 holds numbers outside its heap, and lets that many bytes of them go unused before it looks for what can be freed. */
const uncollectedBytes = 64e6

const float = 4

/** A tensor that is handed out is there twice: in onnxruntime's arena, and copied into JavaScript's memory. */
const handedOut = 2

/** The graphs that a run loads: the cached decoder only where it generates. */
export const graphsOfRun = ({ encoder, decoder, decoderWithPast }: Model, { tokens }: RunOptions): ModelGraph[] =>
  [encoder, decoder, tokens ? undefined : decoderWithPast].filter((graph) => graph !== undefined)

export const estimateRun = (model: Model, samples: number, options: RunOptions): RunMemory => {
  const shapes = runShapes(model, samples, options)
  const weights = weightBytes(graphsOfRun(model, options))
  const generates = !options.tokens
  const decoder = shapes.tokens ? decoderBytes(model, shapes.steps, shapes.tokens.most, generates) : 0
  const activations = float * encoderElements(model, shapes) + decoder
  return { weights, activations, total: processBytes + weights + activations }
}

/**
 * The encoder's tensors. An arena keeps what it once took, in regions as large as what was asked for, and gives a region to a later
 * tensor that fits in: so the layers run in what the stem left where the scores fit in there, and beside it where they do not.
 */
const encoderElements = (
  { encoder, card }: Model,
  { features: sizes, steps, grids, rows, scores: outputs }: RunShapes,
): number => {
  const { heads, width, layers } = card.encoder
  const features = product(sizes)
  const frames = grids.features.count
  const stem = isPatchGrid(grids.encoder) ? stemOf(encoder, 1, sizes) : stemOf(encoder, features / frames, [frames])
  // scores and their softmax, [head, step, step] each, with the four [step, width] they are made of and for
  const scores = heads * steps * steps
  const attention = 2 * scores + 4 * steps * width
  // before and after the activation
  const feedForward = 2 * steps * widestProjection(encoder)
  const layer = Math.max(attention, feedForward)
  const working = scores <= stem.largest ? Math.max(stem.peak, layer) : stem.peak + layer
  // what enters each layer, what leaves the last, and that after its norm
  const hidden = handedOut * (layers + 2) * steps * width
  const logits = handedOut * rows * outputs
  // clip, features and what is fed
  return working + hidden + logits + 3 * features
}

/** The decoder's over the longest sequence there can be: one pass over all of it, after a pass per token where it is generated. */
const decoderBytes = (model: Model, steps: number, tokens: number, generates: boolean): number => {
  const { layers, heads, width } = model.card.decoder!
  const vocabulary = model.inspection.vocabulary ?? 0
  const logits = handedOut * tokens * vocabulary
  const hidden = handedOut * (layers + 1) * tokens * width
  // self-attention's and cross-attention's are never there at once
  const scores = 2 * heads * tokens * Math.max(tokens, steps)
  // keys and values of both, which the plain graph gives whether they are asked for or not
  const cache = 2 * layers * (steps + tokens) * width
  const pass = float * (logits + hidden + scores + cache)
  if (!generates) return pass
  // the cache is copied out and fed in again; each token's scores lie about until they are collected
  return pass + float * cache + Math.min(uncollectedBytes, float * tokens * vocabulary)
}

import { isPatchGrid, outputOf, timeOf, type TimeGrid } from '../../contract/grid.ts'
import type { FlowStage, ModelFlow, Stack } from '../../contract/model.ts'
import { RunOptions } from '../../contract/run.ts'
import { modelRate } from '../models/families/config-number.ts'
import { familyById } from '../models/families/families.ts'
import type { Model } from '../models/model.ts'
import { runShapes, type RunShapes } from './run-shapes.ts'

/**
 * The way of a clip of `seconds` through a model: from samples over features to steps, layers and what comes out. Every size is
 * what the family's own grids say, none is written down here.
 */
export const modelFlow = (model: Model, seconds: number): ModelFlow => {
  const rate = modelRate(model.preprocessor)
  const { minSeconds, maxSeconds } = model.card
  const heard = Math.max(minSeconds, Math.min(seconds, maxSeconds ?? seconds))
  const samples = Math.round(heard * rate)
  const shapes = runShapes(model, samples, RunOptions.parse({}))
  return {
    seconds: samples / rate,
    stages: [
      ...soundStages(model, shapes, rate),
      ...featureStages(model, shapes),
      stepStage(model, shapes),
      ...layerStages(model, shapes),
      ...outputStages(model, shapes),
    ],
  }
}

const soundStages = ({ card, preprocessor }: Model, { samples }: RunShapes, rate: number): FlowStage[] => {
  const filled = familyById[card.family].filled?.(preprocessor)
  const sound: FlowStage = {
    part: 'sound',
    by: '',
    shape: [samples],
    axes: ['sample'],
    notes: [`${number(samples / rate)} s at ${number(rate / 1000)} kHz, mono`],
  }
  if (filled === undefined) return [sound]
  const notes = [`${number(filled / rate)} s, always`]
  return [sound, { part: 'filled', by: 'silence at the end', shape: [filled], axes: ['sample'], notes }]
}

const featureStages = ({ card, preprocessor }: Model, { features, grids }: RunShapes): FlowStage[] => {
  const family = familyById[card.family]
  const axes = family.axes(preprocessor)
  const isSound = axes.length === 1
  const stage: FlowStage = {
    part: 'features',
    by: isSound ? 'front end' : 'front end: log mel',
    shape: features,
    axes,
    notes: isSound ? ['the samples themselves, as the model wants them scaled'] : timeNotes(grids.features, 'frame'),
  }
  const stacked = family.stacked?.(preprocessor) ?? 1
  if (stacked === 1) return [stage]
  const [frames = 0, bands = 0] = features
  const rows = { shape: [frames / stacked, stacked * bands], axes: ['row', 'value'], notes: [] }
  return [stage, { part: 'rows', by: `${stacked} frames side by side`, ...rows }]
}

const stepStage = ({ card, preprocessor }: Model, { steps, grids: { encoder } }: RunShapes): FlowStage => {
  const stage = { part: 'steps' as const, shape: [steps, card.encoder.width], axes: ['step', 'width'] }
  if (!isPatchGrid(encoder)) {
    const isStacked = familyById[card.family].stacked?.(preprocessor) !== undefined
    return { ...stage, by: isStacked ? 'projection' : 'convolutions', notes: timeNotes(encoder, 'step') }
  }
  const { bands, time, special } = encoder
  const made = `${bands} bands × ${time.count} columns + ${special} tokens`
  return { ...stage, by: 'patches', notes: [made, ...timeNotes(time, 'column')] }
}

const layerStages = ({ card, encoder, decoder }: Model, { steps, tokens }: RunShapes): FlowStage[] => {
  const width = ['width']
  const stages: FlowStage[] = [
    {
      part: 'encoder',
      by: layers(card.encoder),
      shape: [steps, card.encoder.width],
      axes: ['step', ...width],
      notes: [`${encoder.hidden.length} hidden states`, maps('attention', card.encoder, [steps, steps])],
    },
  ]
  if (!decoder || !card.decoder || !tokens) return stages
  const { most } = tokens
  const notes = [
    'at most: as many as it writes',
    `${decoder.hidden.length} hidden states`,
    maps('attention', card.decoder, [most, most]),
    maps('cross-attention', card.decoder, [most, steps]),
  ]
  const by = `cross-attention, ${layers(card.decoder)}`
  return [...stages, { part: 'decoder', by, shape: [most, card.decoder.width], axes: ['token', ...width], notes }]
}

const outputStages = ({ card }: Model, { rows, scores, tokens, grids }: RunShapes): FlowStage[] => {
  const stage = { part: 'output' as const, by: 'head' }
  switch (card.type) {
    case 'encoder':
      return []
    case 'classifier':
      return [{ ...stage, shape: [scores], axes: ['label'], notes: ['scores of the labels'] }]
    case 'ctc': {
      const notes = ['scores of the characters', ...(grids.output ? timeNotes(outputOf(grids), 'step') : [])]
      return [{ ...stage, shape: [rows, scores], axes: ['step', 'score'], notes }]
    }
    case 'encoder-decoder': {
      const notes = ['scores of what may come next']
      return [{ ...stage, shape: [tokens?.most ?? 0, scores], axes: ['token', 'score'], notes }]
    }
  }
}

const layers = ({ layers, heads, width }: Stack): string => `${layers} layers × ${heads} heads × ${width}`

/** Heads, queries and keys of each layer. */
const maps = (what: string, { heads }: Stack, [queries, keys]: [number, number]): string =>
  `${what} ${heads} × ${queries} × ${keys}`

const timeNotes = (grid: TimeGrid, what: string): string[] => {
  const { step, width, count, valid } = timeOf(grid)
  return [
    `a ${what} every ${number(1000 * step)} ms, each hears ${number(1000 * width)} ms`,
    ...(valid < count ? [`${valid} of ${count} on sound, the rest on padding`] : []),
  ]
}

/** At most three digits after the point. */
const number = (value: number): string => String(Number(value.toFixed(3)))

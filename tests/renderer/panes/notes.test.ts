import { expect, test } from 'vitest'
import type { SpectrogramMap } from '../../../src/contract/engine.ts'
import type { RunResult, TokenCard } from '../../../src/contract/run.ts'
import {
  attentionNote,
  hiddenNote,
  spectrogramNote,
  textNote,
  waveformNote,
  type HiddenFacts,
} from '../../../src/renderer/panes/notes.ts'
import { indexOfMost } from '../../../src/signal/reduce.ts'

/** Notes hold the numbers that are shown, and leave out what is not there yet. */

test('a waveform: the ends of what is shown', () => {
  const peaks = {
    range: [1, 2.5] as [number, number],
    min: Float32Array.of(-0.25, -0.5),
    max: Float32Array.of(0.75, 0.1),
    rms: Float32Array.of(0, 0),
  }
  expect(waveformNote(peaks)[1]).toBe('From 0:01.000 to 0:02.500 it lies between −0.5 and 0.75; ±1 is full scale.')
  expect(waveformNote(null)).toHaveLength(1)
})

test('a spectrogram: its greatest value, with its place', () => {
  const data = new Float32Array(4 * 5).fill(-80)
  data[2 * 5 + 3] = -12.5
  const map: SpectrogramMap = {
    raster: { rows: 4, columns: 5, data, low: -80, high: -12.5, source: { rows: [0, 4], columns: [10, 15] } },
    grid: { start: 0, step: 0.1, width: 0.1, count: 100, valid: 100 },
    hertz: Float32Array.of(0, 100, 200, 300),
    unit: 'dB',
    title: 'STFT',
  }
  expect(spectrogramNote(map)[1]).toBe('Greatest of what is shown: −12.5 dB, near 200 Hz at 0:01.300.')
  expect(spectrogramNote({ ...map, unit: 'log mel, normalised' })[0]).toContain('a row is a mel band')
  expect(spectrogramNote(null)).toHaveLength(1)
})

test('hidden states: what a step is, what the order means, what the colours stand for', () => {
  const grid = { start: 0, step: 0.02, width: 0.025, count: 10, valid: 10 }
  const facts: HiddenFacts = { view: 'map', width: 192, grid, order: 'index', range: [-3, 3], explained: null }
  expect(hiddenNote(facts).join(' ')).toMatch(
    /one of 192 dimensions, a column a step: 20 ms apart, each made of 25 ms.*±3 /,
  )
  expect(hiddenNote({ ...facts, order: 'variance', grid: null }).join(' ')).toMatch(/a column a token\. .*by variance/)
  expect(hiddenNote({ ...facts, range: null })).toHaveLength(2)
  expect(hiddenNote({ ...facts, view: 'trajectory', explained: 0.42 })[1]).toContain('42 % of the variance in 192')
  expect(hiddenNote({ ...facts, view: 'similarity' })[0]).toContain('compares two layers')
  expect(hiddenNote({ ...facts, view: 'dimension' })[0]).toContain('one of 192 dimensions')
})

test('attention: the row that is looked at, without what has no meaning for it', () => {
  const row = { letter: 'A', query: 'query 1.34 s', key: null, near: 0.23, padding: 0.12 }
  expect(attentionNote(row)[1]).toBe('query 1.34 s: 23 % of its weight within 200 ms and 12 % on padding.')
  expect(attentionNote({ ...row, query: 'token 5', near: null })[1]).toBe('token 5: 12 % on padding.')
  expect(attentionNote(undefined)[1]).toBe('Move over the map to read a row.')
})

test('text: what scores are, and what is least sure', () => {
  const nothing: RunResult = { text: null, tokens: null, language: null, characters: null, labels: null }
  const items = [
    { index: 0, label: 'Rain', score: 0.2 },
    { index: 1, label: 'Thunder', score: 0.9 },
  ]
  expect(textNote({ ...nothing, labels: { scores: 'sigmoid', items } }).join(' ')).toMatch(
    /several can be true.*Greatest: Thunder, 0\.9\./,
  )
  expect(textNote({ ...nothing, labels: { scores: 'softmax', items } })[0]).toContain('sum to 1')
  const token = (text: string, probability: number | null): TokenCard => ({
    id: 1,
    text,
    special: false,
    forced: probability === null,
    probability,
  })
  expect(textNote({ ...nothing, tokens: [token('a', null), token(' to', 0.4), token(' the', 0.9)] })[1]).toBe(
    'Least sure: “to”, 0.4.',
  )
  expect(textNote({ ...nothing, tokens: [token('a', null)] })).toHaveLength(1)
  const characters = [{ text: 'H', start: 1.5, end: 1.6, probability: 0.3 }]
  expect(textNote({ ...nothing, characters })[1]).toBe('Least sure: “H” at 0:01.500, 0.3.')
  expect(textNote(nothing)).toEqual([])
})

test('the greatest of values, whatever stands before it', () => {
  expect(indexOfMost([NaN, 1, 3, NaN, 3])).toBe(2)
  expect(indexOfMost([])).toBe(0)
})

import { describe, expect, it } from 'vitest'
import type { HubCard } from '../../../src/contract/hub.ts'
import { anyModel, choicesOf, filterModels, shortRevision } from '../../../src/renderer/models/model-filter.ts'

const card = (id: string, more: Partial<HubCard> = {}): HubCard => ({
  id,
  repo: `onnx-community/${id}`,
  title: 'Whisper',
  modelType: 'whisper',
  task: 'speech to text',
  licence: 'apache-2.0',
  languages: 'multilingual',
  bytes: 151e6,
  source: `openai/${id}`,
  opens: true,
  state: 'absent',
  partialBytes: 0,
  revision: null,
  ours: false,
  ...more,
})
const cards = [
  card('whisper-tiny', { state: 'here' }),
  card('whisper-base', { state: 'partial' }),
  card('ast', { title: 'AST', modelType: 'audio-spectrogram-transformer', task: 'sound events', languages: '' }),
]
const ids = (filter: Partial<typeof anyModel>): string[] =>
  filterModels(cards, { ...anyModel, ...filter }).map(({ id }) => id)

describe('the list of the model browser', () => {
  it('shows all without a filter', () => expect(ids({})).toEqual(['whisper-tiny', 'whisper-base', 'ast']))
  it('finds words in any field, in any order and case', () => {
    expect(ids({ words: 'OPENAI base' })).toEqual(['whisper-base'])
    expect(ids({ words: 'events' })).toEqual(['ast'])
    expect(ids({ words: 'multilingual whisper' })).toHaveLength(2)
    expect(ids({ words: 'nothing like it' })).toEqual([])
  })
  it('filters by state, family and task together', () => {
    expect(ids({ state: 'here' })).toEqual(['whisper-tiny'])
    expect(ids({ family: 'whisper', state: 'partial' })).toEqual(['whisper-base'])
    expect(ids({ task: 'sound events', family: 'whisper' })).toEqual([])
  })
  it('offers each family and task once', () => {
    expect(choicesOf(cards, 'modelType')).toEqual(['audio-spectrogram-transformer', 'whisper'])
    expect(choicesOf(cards, 'task')).toEqual(['sound events', 'speech to text'])
  })
  it('shortens commits and nothing else', () => {
    expect(shortRevision('0123456789abcdef0123456789abcdef01234567')).toBe('0123456')
    expect(shortRevision('main')).toBe('main')
  })
})

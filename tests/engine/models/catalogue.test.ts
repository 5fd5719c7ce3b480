import { expect, test } from 'vitest'
import { catalogue, catalogued, exportedFrom, opensType } from '../../../src/engine/models/catalogue.ts'

test('fits its schema, the three models of the notebook first', () => {
  expect(
    catalogue()
      .slice(0, 3)
      .map(({ id, repo }) => [id, repo]),
  ).toEqual([
    ['wav2vec2-base-960h', 'Xenova/wav2vec2-base-960h'],
    ['whisper-tiny', 'onnx-community/whisper-tiny'],
    ['ast-finetuned-audioset-10-10-0.4593', 'Xenova/ast-finetuned-audioset-10-10-0.4593'],
  ])
})

test('names and repositories are unique, and none is its own source', () => {
  const all = catalogue()
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
  expect(new Set(all.map(({ repo }) => repo.toLowerCase())).size).toBe(all.length)
  for (const { repo, source } of all) expect(source).not.toBe(repo)
})

test('its evidence is public', () => {
  for (const url of catalogue().flatMap(({ evidence }) => evidence))
    expect(url).toMatch(/^https:\/\/(huggingface\.co|github\.com)\//)
})

test('finds an entry by its short name and by owner/name, and the export of a checkpoint', () => {
  expect(catalogued('whisper-tiny')?.repo).toBe('onnx-community/whisper-tiny')
  expect(catalogued('xenova/wav2vec2-base-960h')?.id).toBe('wav2vec2-base-960h')
  expect(exportedFrom('openai/whisper-tiny')?.repo).toBe('onnx-community/whisper-tiny')
  expect(catalogued('openai/whisper-tiny')).toBeUndefined()
  expect(exportedFrom('somebody/whisper')).toBeUndefined()
})

test('what opens is what there is a family for', () => {
  expect(opensType('whisper')).toBe(true)
  expect(opensType('bert')).toBe(false)
  for (const { modelType } of catalogue().slice(0, 3)) expect(opensType(modelType)).toBe(true)
})

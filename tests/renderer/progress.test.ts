import { expect, test } from 'vitest'
import { progressShare, progressText, stageText } from '../../src/renderer/progress.ts'

test('progress is said in words, with numbers where they tell something', () => {
  expect(progressText({ stage: 'token', done: 3, total: 448 })).toBe('generating: token 3 of 448')
  expect(progressText({ stage: 'encode', done: 0, total: 1 })).toBe('encoding')
  expect(progressText({ stage: 'waiting', done: 0, total: 6 })).toBe('waiting for its turn')
})

test('a bar shows a share only where several steps are counted', () => {
  expect(progressShare({ stage: 'token', done: 112, total: 448 })).toBe(0.25)
  expect(progressShare({ stage: 'features', done: 0, total: 1 })).toBeNull()
  expect(progressShare({ stage: 'waiting', done: 0, total: 6 })).toBeNull()
})

test('what is read out changes with the stage, not with every token', () => {
  expect(stageText({ stage: 'token', done: 3, total: 448 })).toBe(stageText({ stage: 'token', done: 4, total: 448 }))
  expect(stageText({ stage: 'encode', done: 2, total: 6 })).toBe('encoding')
})

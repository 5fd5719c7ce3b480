import { expect, test } from 'vitest'
import { RunOptions } from '../../src/contract/run.ts'
import { runKey, type RunIdentity } from '../../src/engine/run-key.ts'

const identity: RunIdentity = {
  recording: { id: 'abc', rate: 48_000 },
  region: [0, 5],
  modelHash: 'def',
  family: 'whisper',
  options: RunOptions.parse({}),
}
const key = (change: Partial<RunIdentity>): string => runKey({ ...identity, ...change })
const options = (change: object): RunOptions => RunOptions.parse(change)

test('the same clip, model and options have the same key', () => {
  expect(key({})).toMatch(/^[0-9a-f]{64}$/)
  expect(key({ region: [0, 5.000_000_01] })).toBe(key({}))
})

test('another recording, region, model or option has another', () => {
  const keys = [
    key({}),
    key({ recording: { id: 'abd', rate: 48_000 } }),
    key({ region: [0, 5.001] }),
    key({ modelHash: 'deg' }),
    key({ options: options({ language: 'en' }) }),
    key({ options: options({ task: 'translate' }) }),
    key({ options: options({ maxTokens: 5 }) }),
    key({ options: options({ tokens: [1, 2] }) }),
    key({ options: options({ baseline: 'silence' }) }),
    key({ options: options({ baseline: 'untrained' }) }),
  ]
  expect(new Set(keys).size).toBe(keys.length)
})

test('options that nobody reads are left out', () => {
  expect(key({ family: 'ast', options: options({ language: 'en' }) })).toBe(key({ family: 'ast' }))
  const given = { tokens: [1, 2] }
  expect(key({ options: options({ ...given, language: 'en' }) })).toBe(key({ options: options(given) }))
  // every model reads what takes the place of the clip
  expect(key({ family: 'ast', options: options({ baseline: 'shuffled' }) })).not.toBe(key({ family: 'ast' }))
})

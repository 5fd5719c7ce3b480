import { expect, test } from 'vitest'
import { splitVariant } from '../../../src/engine/models/variants.ts'

test('a known word after the last colon names a variant', () => {
  expect(splitVariant('whisper-tiny:q8')).toEqual({ name: 'whisper-tiny', variant: 'q8' })
  expect(splitVariant('/models/ast:fp16')).toEqual({ name: '/models/ast', variant: 'fp16' })
  expect(splitVariant('C:\\models\\ast:bnb4')).toEqual({ name: 'C:\\models\\ast', variant: 'bnb4' })
})

test('any other colon belongs to the name', () => {
  for (const name of ['whisper-tiny', 'a:b', 'C:\\models\\ast', 'C:q8', 'whisper:Q8', 'whisper:', 'q8:x'])
    expect(splitVariant(name)).toEqual({ name })
})

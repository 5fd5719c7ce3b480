import { describe, expect, it } from 'vitest'
import { joinModelId, splitModelId } from '../../src/renderer/model-id.ts'

describe('the id of a model with its weights', () => {
  it('is read apart and put together', () => {
    expect(splitModelId('whisper-tiny:q8')).toEqual({ base: 'whisper-tiny', variant: 'q8' })
    expect(splitModelId('onnx-community/whisper-tiny:q4f16')).toEqual({
      base: 'onnx-community/whisper-tiny',
      variant: 'q4f16',
    })
    expect(joinModelId('whisper-tiny', 'q8', 'fp32')).toBe('whisper-tiny:q8')
  })
  it('has no suffix for the best weights that are there', () => {
    expect(joinModelId('whisper-tiny', null)).toBe('whisper-tiny')
    expect(joinModelId('whisper-tiny', 'q8', 'q8')).toBe('whisper-tiny')
  })
  it('leaves a colon alone that names no weights', () => {
    expect(splitModelId('C:model')).toEqual({ base: 'C:model', variant: null })
    expect(splitModelId(':q8')).toEqual({ base: ':q8', variant: null })
  })
})

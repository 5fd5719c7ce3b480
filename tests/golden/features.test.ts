import { describe, expect, it } from 'vitest'
import { families } from '../../src/engine/models/families/families.ts'
import { floats, integers, largestError, loadJson, loadTensors } from './load.ts'

interface Manifest {
  extractors: Record<string, { family: string; preprocessor: Record<string, unknown> }>
  cases: { signal: string; noise: { samples: number; gain: number } | null; extractor: string; shape: number[] }[]
}

const folder = new URL('features/', import.meta.url)
const manifest = loadJson<Manifest>(new URL('manifest.json', folder))
const tensors = loadTensors(new URL('features.safetensors', folder))

/** The same numbers as tools/make-feature-goldens.py. */
const parkMiller = ({ samples, gain }: { samples: number; gain: number }): Float32Array => {
  let state = 1
  return Float32Array.from({ length: samples }, () => {
    state = (state * 16807) % 2147483647
    return (state / 2147483647 - 0.5) * gain
  })
}

/** The kept frames (last axis of Whisper's, first of AST's) or samples of a whole result. */
const keep = (data: Float32Array, shape: number[], kept: number[], axes: string[]): number[] => {
  if (shape.length === 1) return kept.map((i) => data[i]!)
  const [rows, columns] = shape as [number, number]
  if (axes[0] === 'frame') return kept.flatMap((row) => Array.from(data.subarray(row * columns, (row + 1) * columns)))
  return Array.from({ length: rows }, (_, row) => kept.map((column) => data[row * columns + column]!)).flat()
}

describe("the front ends against Hugging Face's extractors", () => {
  it.each(manifest.cases.map((entry) => [entry.extractor, entry.signal, entry] as const))(
    'agree: %s on %s',
    (id, signal, { noise, shape }) => {
      const { family, preprocessor } = manifest.extractors[id]!
      const samples = noise ? parkMiller(noise) : floats(tensors, `${signal}.samples`)
      const result = families.find((one) => one.id === family)!.features(samples, preprocessor)
      expect(result.shape).toEqual(shape)
      const name = `${signal}.${id}`
      const actual = keep(result.data, shape, integers(tensors, `${name}.kept`), result.axes)
      // a steady sound's bands hardly vary: normalising them magnifies what float32 rounds
      expect(largestError(actual, floats(tensors, name))).toBeLessThan(family === 'wav2vec2-bert' ? 5e-4 : 1e-4)
    },
  )
})

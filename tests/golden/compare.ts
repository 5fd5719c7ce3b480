import { largestError, loadJson, loadTensors, type LoadedTensor } from './load.ts'
import { partOf } from './parts.ts'

/** What tools/make-goldens.py kept of every array, and how far an array may be from it. */

export interface ArrayCard {
  shape: number[]
  largest: number
}
interface Manifest {
  models: { golden: string; folder: string; region: string }[]
  goldens: Record<
    string,
    {
      parameters: { total: number; encoder: number; decoder: number; head: number }
      runs: Record<string, string[]>
      arrays: Record<string, Record<string, ArrayCard>>
    }
  >
}

const here = new URL('./', import.meta.url)
export const manifest = loadJson<Manifest>(new URL('goldens.json', here))
const goldens = loadTensors(new URL('goldens.safetensors', here))

const tolerance = (name: string, largest: number): number =>
  name === 'features' ? 5e-4 : Math.max(1e-4, 1e-5 * largest)

/** What every kept part of `name` is off by, where that is beyond the tolerance. */
const failures = (array: LoadedTensor, prefix: string, name: string, { largest }: ArrayCard): string[] => {
  const kept = [...goldens.keys()].filter((key) => key.startsWith(`${prefix}/${name}#`))
  if (kept.length === 0) return [`${prefix}/${name}: no golden`]
  return kept.flatMap((key) => {
    const error = largestError(partOf(array, key.split('#')[1]!), values(goldens.get(key)!))
    return error > tolerance(name, largest) ? [`${key}: off by ${error}`] : []
  })
}

const values = ({ data }: LoadedTensor): number[] | Float32Array =>
  data instanceof Float32Array ? data : Array.from(data as BigInt64Array, Number)

/** Every array a run of a golden has: its card, and the run its golden was kept under. */
export const expectedArrays = (golden: string, run: string): Map<string, { card: ArrayCard; from: string }> => {
  const { arrays } = manifest.goldens[golden]!
  const cards = (from: string) => Object.entries(arrays[from]!).map(([name, card]) => [name, { card, from }] as const)
  return new Map([...cards('encoder'), ...cards(run)])
}

/** Sentences about every array that is missing, too many, of another shape or too far off; empty when all agree. */
export const differences = (actual: Map<string, LoadedTensor>, golden: string, run: string): string[] => {
  const expected = expectedArrays(golden, run)
  const extra = [...actual.keys()].filter((name) => !expected.has(name)).map((name) => `${name}: not expected`)
  const wrong = [...expected].flatMap(([name, { card, from }]) => {
    const array = actual.get(name)
    if (!array) return [`${name}: missing`]
    if (String(array.shape) !== String(card.shape)) return [`${name}: shape ${array.shape}, expected ${card.shape}`]
    return failures(array, `${golden}/${from}`, name, card)
  })
  return [...extra, ...wrong]
}

import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { exportedArrays, otoscope } from './command.ts'
import { largestError, loadJson, loadTensors, type LoadedTensor } from './load.ts'
import { partOf } from './parts.ts'

interface ArrayCard {
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
const clip = fileURLToPath(new URL('clip.wav', here))
const manifest = loadJson<Manifest>(new URL('goldens.json', here))
const goldens = loadTensors(new URL('goldens.safetensors', here))

/** Forced tokens and a given language are tried on one of Whisper's variants; all find language and tokens themselves. */
const runsOf = (golden: string, folder: string): string[] => {
  const all = Object.keys(manifest.goldens[golden]!.runs)
  return golden === 'whisper' && !folder.endsWith('sdpa-14') ? ['detected'] : all
}

const cases = manifest.models.flatMap(({ golden, folder, region }) =>
  runsOf(golden, folder).map((run) => [folder.split('/').at(-1)!, run, { golden, folder, region }] as const),
)

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

describe("otoscope export against PyTorch's eager attention", () => {
  it.each(cases)('agrees on every array: %s, %s', async (_name, run, { golden, folder, region }) => {
    const { arrays, runs } = manifest.goldens[golden]!
    const actual = await exportedArrays(clip, folder, '--no-cache', '--region', region, ...runs[run]!)
    const expected = new Map([
      ...Object.entries(arrays['encoder']!).map(([name, card]) => [name, { card, from: 'encoder' }] as const),
      ...Object.entries(arrays[run]!).map(([name, card]) => [name, { card, from: run }] as const),
    ])
    expect([...actual.keys()].sort()).toEqual([...expected.keys()].sort())
    const shapes = [...expected].map(([name, { card }]) => [name, card.shape])
    expect([...expected.keys()].map((name) => [name, actual.get(name)!.shape])).toEqual(shapes)
    const wrong = [...expected].flatMap(([name, { card, from }]) =>
      failures(actual.get(name)!, `${golden}/${from}`, name, card),
    )
    expect(wrong).toEqual([])
  }, 180_000)
})

describe('otoscope inspect against PyTorch', () => {
  it.each(manifest.models.filter(({ folder }) => /untrained|sdpa-14/.test(folder)).map((m) => [m.folder, m] as const))(
    'counts the same parameters: %s',
    async (folder, { golden }) => {
      const card = JSON.parse(await otoscope('inspect', folder, '--json')) as Record<string, unknown>
      expect(card).toMatchObject({ untrained: true, parameters: manifest.goldens[golden]!.parameters })
    },
  )
})

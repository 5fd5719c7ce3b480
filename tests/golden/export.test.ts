import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { exportedArrays, otoscope } from './command.ts'
import { differences, manifest } from './compare.ts'

const clip = fileURLToPath(new URL('./clip.wav', import.meta.url))

/** Forced tokens and a given language are tried on one of Whisper's variants; all find language and tokens themselves. */
const runsOf = (golden: string, folder: string): string[] => {
  const all = Object.keys(manifest.goldens[golden]!.runs)
  return golden === 'whisper' && !folder.endsWith('sdpa-14') ? ['detected'] : all
}

const cases = manifest.models.flatMap(({ golden, folder, region }) =>
  runsOf(golden, folder).map((run) => [folder.split('/').at(-1)!, run, { golden, folder, region }] as const),
)

describe.concurrent("otoscope export against PyTorch's eager attention", () => {
  it.each(cases)(
    'agrees on every array: %s, %s',
    async (_name, run, { golden, folder, region }) => {
      const options = manifest.goldens[golden]!.runs[run]!
      const actual = await exportedArrays(clip, folder, '--no-cache', '--region', region, ...options)
      expect(differences(actual, golden, run)).toEqual([])
    },
    180_000,
  )
})

describe.concurrent('otoscope inspect against PyTorch', () => {
  it.each(manifest.models.filter(({ folder }) => /^resources|sdpa-14/.test(folder)).map((m) => [m.folder, m] as const))(
    'counts the same parameters: %s',
    async (folder, { golden }) => {
      const card = JSON.parse(await otoscope('inspect', folder, '--json')) as Record<string, unknown>
      expect(card).toMatchObject({ untrained: !folder.endsWith('-starter'), parameters: manifest.goldens[golden]!.parameters })
    },
  )
})

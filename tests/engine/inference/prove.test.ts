import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Variant } from '../../../src/contract/model.ts'
import type { ModelProof } from '../../../src/contract/proof.ts'
import type { RunProgress } from '../../../src/contract/run.ts'
import { proveModel } from '../../../src/engine/inference/prove.ts'
import { root } from '../../../src/engine/paths.ts'
import { unpackVariants } from '../../golden/variants.ts'
import { edit, temporary } from '../models/make-folder.ts'

const parent = temporary()
afterAll(() => rmSync(parent, { recursive: true }))

const golden = (name: string): string => join(root, 'tests/golden/models', name)

const prove = (
  modelFolder: string,
  part: (part: RunProgress) => void = () => {},
  modelVariant: Variant = 'fp32',
): Promise<ModelProof> =>
  proveModel({ modelFolder, modelVariant, modelHash: modelFolder, threads: 1 }, parent, {
    signal: new AbortController().signal,
    part,
  })

const names = ['outputs', 'rows', 'recomputed', 'steps']

test.each([
  'wav2vec2-bmm-14',
  'wav2vec2-adapter-sdpa-14',
  'hubert-mask-sdpa-14',
  'wavlm-eager-17',
  'sew-sdpa-14',
  'conformer-relative-sdpa-14',
  'conformer-rotary-dynamo-23',
  'bert-sdpa-14',
  'whisper-eager-14',
  'whisper-merged-17',
  'whisper-turbo-sdpa-14',
  'moonshine-merged-14',
  'ast-commands-sdpa-14',
  'whisper-fused-17',
  'wav2vec2-fused-17',
  'ast-sdpa-17',
  'ast-fused-17',
])('%s passes every proof', async (name) => {
  const { proofs } = await prove(golden(name))
  expect(proofs.map((proof) => [proof.name, proof.passed])).toEqual(names.map((each) => [each, true]))
})

test('says how far it is, a step for the graph and each of its sites', async () => {
  const heard: RunProgress[] = []
  await prove(golden('whisper-sdpa-17'), (part) => heard.push(part))
  // an encoder of 2 layers, a decoder of 3 with cross-attention
  expect(heard).toEqual(Array.from({ length: 10 }, (_, done) => ({ stage: 'prove', done, total: 10 })))
})

test('weights that are no float32 are held to those that are, where both are there', async () => {
  const folder = unpackVariants('whisper-sdpa-17', parent)
  const costs: Partial<Record<Variant, number[]>> = {}
  for (const variant of ['fp16', 'uint8', 'q4'] as const) {
    const heard: RunProgress[] = []
    const { proofs, precision } = await prove(folder, (part) => heard.push(part), variant)
    expect(proofs.map(({ passed }) => passed)).toEqual([true, true, true, true])
    // every step once more, beside float32
    expect(heard).toHaveLength(20)
    const said = /^beside fp32, hidden states differ by (\S+) of their largest magnitude, attention by (\S+)$/
    costs[variant] = said.exec(precision!)!.slice(1).map(Number)
  }
  const [half, eight, four] = [costs.fp16!, costs.uint8!, costs.q4!]
  for (const i of [0, 1]) {
    expect(half[i]).toBeGreaterThan(1e-5)
    expect(half[i]).toBeLessThan(0.01)
    expect(eight[i]).toBeGreaterThan(half[i]!)
    expect(four[i]).toBeGreaterThan(half[i]!)
  }
  expect((await prove(folder)).precision).toBeNull()
})

test('a time axis that is another model’s fails, with both numbers', async () => {
  const folder = join(parent, 'other-strides')
  cpSync(golden('wav2vec2-sdpa-17'), folder, { recursive: true })
  edit(folder, 'config.json', { conv_stride: [5, 2, 2, 2, 2, 2, 1] })
  const { proofs } = await prove(folder)
  expect(proofs.filter(({ passed }) => !passed)).toEqual([
    {
      name: 'steps',
      passed: false,
      sentence: 'the encoder makes 99 steps of the sound, and its time axis has 198',
    },
  ])
})

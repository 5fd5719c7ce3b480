import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { ModelProof } from '../../../src/contract/proof.ts'
import type { RunProgress } from '../../../src/contract/run.ts'
import { proveModel } from '../../../src/engine/inference/prove.ts'
import { root } from '../../../src/engine/paths.ts'
import { edit, temporary } from '../models/make-folder.ts'

const parent = temporary()
afterAll(() => rmSync(parent, { recursive: true }))

const golden = (name: string): string => join(root, 'tests/golden/models', name)

const prove = (modelFolder: string, part: (part: RunProgress) => void = () => {}): Promise<ModelProof> =>
  proveModel({ modelFolder, modelVariant: 'fp32', modelHash: modelFolder, threads: 1 }, parent, {
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

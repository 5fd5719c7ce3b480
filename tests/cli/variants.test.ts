import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Inspection, ModelCard } from '../../src/contract/model.ts'
import { root } from '../../src/engine/paths.ts'
import { floats, largestError, loadTensors } from '../golden/load.ts'
import { unpackVariants } from '../golden/variants.ts'
import { runCli } from '../support/cli.ts'
import { starters } from '../support/models.ts'

/** The command line on a model folder that holds every variant. */

const parent = mkdtempSync(join(tmpdir(), 'otoscope-cli-variants-'))
afterAll(() => rmSync(parent, { recursive: true }))
const folder = unpackVariants('ast-eager-14', parent)
const cache = ['--cache', join(parent, 'cache')]

const json = async <T>(...words: string[]): Promise<T> => {
  const { code, stdout, stderr } = await runCli(...words, '--json', ...cache)
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout) as T
}

test('a variant is inspected and exported by its name, and each has a run of its own', async () => {
  const [best, q8] = [await json<Inspection>('inspect', folder), await json<Inspection>('inspect', `${folder}:q8`)]
  expect(q8).toEqual({ ...best, id: 'ast-eager-14:q8' })

  const exported = async (reference: string, name: string) => {
    const out = join(parent, `${name}.safetensors`)
    const words = ['export', join(root, 'tests/golden/clip.wav'), '--model', reference, '--region', '0:2', '--out', out]
    const run = await json<{ model: { id: string; variant: string } }>(...words, '--device', 'cpu')
    return { model: run.model, tensors: loadTensors(out) }
  }
  const [whole, half] = [await exported(folder, 'whole'), await exported(`${folder}:fp16`, 'half')]
  expect(whole.model).toMatchObject({ id: 'ast-eager-14', variant: 'fp32' })
  expect(half.model).toMatchObject({ id: 'ast-eager-14:fp16', variant: 'fp16' })
  expect([...half.tensors.keys()]).toEqual([...whole.tensors.keys()])
  const error = largestError(floats(half.tensors, 'logits'), floats(whole.tensors, 'logits'))
  expect(error).toBeGreaterThan(0)
  expect(error).toBeLessThan(2e-3)
})

test('an imported model is tried in each of its variants, and listed once with them', async () => {
  const { tried } = await json<{ tried: { variant: string; precision: string | null }[] }>('models', 'import', folder)
  expect(tried.map(({ variant }) => variant)).toEqual(['fp32', 'fp16', 'q8', 'int8', 'uint8', 'q4', 'q4f16', 'bnb4'])
  expect(tried.map(({ precision }) => precision?.startsWith('beside fp32, hidden states differ by') ?? null)).toEqual([
    null,
    ...Array.from({ length: 7 }, () => true),
  ])
  const cards = await json<ModelCard[]>('models', 'list')
  const card = cards.filter(({ id }) => id.startsWith('ast-eager-14'))
  expect(card).toHaveLength(1)
  expect(card[0]).toMatchObject({ variant: 'fp32' })
  expect(card[0]!.variants).toEqual(['fp32', 'fp16', 'q8', 'int8', 'uint8', 'q4', 'q4f16', 'bnb4'])
  expect((await runCli('models', 'list', ...cache)).stdout).toContain('fp32, fp16, q8')
})

test('a variant that is not there is refused with those that are', async () => {
  const { code, stderr } = await runCli('inspect', `${starters.whisper}:q4`, ...cache)
  expect(code).toBe(1)
  expect(stderr).toContain('has no encoder_model_q4.onnx, which its q4 variant needs; it has fp32')
})

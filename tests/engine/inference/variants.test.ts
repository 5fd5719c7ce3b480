import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { Variant } from '../../../src/contract/model.ts'
import type { Run } from '../../../src/contract/run.ts'
import { bytesField, integerField, textField } from '../../../src/formats/onnx/encode.ts'
import { root } from '../../../src/engine/paths.ts'
import { manifest } from '../../golden/compare.ts'
import { floats, largestError, loadTensors } from '../../golden/load.ts'
import { partOf } from '../../golden/parts.ts'
import { madeVariants, needsOf, unpackVariants, variantModels, type VariantModel } from '../../golden/variants.ts'
import { testNeeding } from '../../support/needs.ts'
import { rowSums } from '../models/recompute.ts'
import { context, querySetup } from './query-setup.ts'

/** Runs of every variant as the program does them, and how far what they show is from PyTorch's float32. */

const golden = join(root, 'tests', 'golden')
const expected = loadTensors(join(golden, 'goldens.safetensors'))
const setup = querySetup()
const parent = mkdtempSync(join(tmpdir(), 'otoscope-variants-'))
afterAll(() => {
  setup.close()
  rmSync(parent, { recursive: true })
})

type Group = 'hidden' | 'attention' | 'logits'
type Distance = Record<Group, number>

/**
 * Measured: hidden states, attention and logits. fp16 keeps 11 bits. 8-bit graphs put each weight matrix and, for every product, the
 * activations into 256 steps of their range; Wav2Vec2's does so with the waveform itself and with every convolution after it, whose
 * group norm magnifies quiet channels: with these random weights nothing is left of its numbers. q4 has 15 levels for 32 weights,
 * bnb4 16 for 64; the models are 16 wide, so that nothing averages out.
 */
const measured: Record<VariantModel, Record<(typeof madeVariants)[number], [number, number, number]>> = {
  'wav2vec2-bmm-14': {
    fp16: [0.0036, 0.00074, 0.0022],
    q8: [1.0057, 0.06, 0.492],
    int8: [0.982, 0.168, 0.448],
    uint8: [1.0057, 0.06, 0.492],
    q4: [0.122, 0.031, 0.0755],
    q4f16: [0.123, 0.032, 0.0757],
    bnb4: [0.214, 0.209, 0.122],
  },
  'whisper-sdpa-17': {
    fp16: [0.00072, 0.0018, 0.0012],
    q8: [0.0185, 0.036, 0.028],
    int8: [0.0204, 0.057, 0.038],
    uint8: [0.026, 0.043, 0.036],
    q4: [0.152, 0.195, 0.204],
    q4f16: [0.152, 0.195, 0.204],
    bnb4: [0.186, 0.278, 0.323],
  },
  'ast-eager-14': {
    fp16: [0.00069, 0.0006, 0.00023],
    q8: [0.0188, 0.022, 0.0081],
    int8: [0.0214, 0.029, 0.0105],
    uint8: [0.0188, 0.022, 0.0081],
    q4: [0.175, 0.477, 0.0298],
    q4f16: [0.175, 0.477, 0.0297],
    bnb4: [0.16, 0.079, 0.0655],
  },
}

const names = Object.keys(variantModels) as VariantModel[]
const folders = new Map(names.map((name) => [name, unpackVariants(name, parent)]))

const runOf = (name: VariantModel, modelVariant: Variant, changes: Record<string, unknown> = {}): Promise<Run> => {
  const forced = manifest.goldens[variantModels[name]]!.runs['forced']?.[1]?.split(',').map(Number)
  return setup.run(join(golden, 'clip.wav'), folders.get(name)!, {
    options: forced ? { tokens: forced } : {},
    modelVariant,
    modelHash: `${name} ${modelVariant}`,
    ...changes,
  })
}

/** An array of the run, stored or recomputed. */
const arrayOf = async (run: Run, name: VariantModel, { tap, stored }: Run['taps'][number]) => {
  if (stored) {
    const { shape, data } = setup.store.tensor(run.id, tap)
    return { shape, data: data as Float32Array }
  }
  const subject = { run: run.id, tap, modelFolder: folders.get(name)!, modelVariant: run.model.variant }
  return setup.queries.attentionValues(subject, context)
}

/** Largest difference from PyTorch over the largest magnitude, by group; attention's rows are summed on the way. */
const distancesOf = async (run: Run, name: VariantModel): Promise<Distance> => {
  const most: Distance = { hidden: 0, attention: 0, logits: 0 }
  const largest: Distance = { hidden: 0, attention: 0, logits: 0 }
  for (const tap of run.taps) {
    const group = /cross|attention/.test(tap.tap) ? 'attention' : tap.tap.includes('hidden') ? 'hidden' : tap.tap
    if (group !== 'hidden' && group !== 'attention' && group !== 'logits') continue
    const array = await arrayOf(run, name, tap)
    if (group === 'attention')
      expect(Math.max(...rowSums(array.data, array.shape.at(-1)!).map((sum) => Math.abs(sum - 1)))).toBeLessThan(2e-3)
    const prefix = name.startsWith('whisper') && !tap.tap.startsWith('encoder') ? 'forced' : 'encoder'
    const start = `${variantModels[name]}/${prefix}/${tap.tap}#every.`
    const key = [...expected.keys()].find((key) => key.startsWith(start))!
    const values = floats(expected, key)
    most[group] = Math.max(most[group], largestError(partOf(array, key.split('#')[1]!), values))
    largest[group] = Math.max(
      largest[group],
      values.reduce((top, value) => Math.max(top, Math.abs(value)), 0),
    )
  }
  return {
    hidden: most.hidden / largest.hidden,
    attention: most.attention / largest.attention,
    logits: most.logits / largest.logits,
  }
}

const shared = new Map<string, Promise<Run>>()
const sharedRun = (name: VariantModel, variant: Variant): Promise<Run> => {
  const key = `${name} ${variant}`
  const run = shared.get(key) ?? runOf(name, variant)
  shared.set(key, run)
  return run
}

describe.each(names)('%s', (name) => {
  test.each(madeVariants)('%s runs, and has the taps of float32', async (variant) => {
    const run = await sharedRun(name, variant)
    const whole = await sharedRun(name, 'fp32')
    expect(run.model.variant).toBe(variant)
    expect(run.taps.map(({ tap, shape }) => [tap, shape])).toEqual(whole.taps.map(({ tap, shape }) => [tap, shape]))
  })
  for (const variant of madeVariants)
    testNeeding(...needsOf(name, variant))(`${variant} is as far from float32 as it was measured to be`, async () => {
      const { hidden, attention, logits } = await distancesOf(await sharedRun(name, variant), name)
      for (const [i, distance] of [hidden, attention, logits].entries()) {
        const usual = measured[name][variant][i]!
        // another processor rounds otherwise; a distance of nothing would be another variant's numbers
        expect(distance, `${variant} ${i}`).toBeLessThan(1.5 * usual)
        expect(distance, `${variant} ${i}`).toBeGreaterThan(usual / 3)
      }
    })
})

test('a quantised Whisper writes with its own cached decoder', async () => {
  for (const variant of ['fp16', 'q8', 'q4'] as const) {
    const run = await runOf('whisper-sdpa-17', variant, {
      options: { language: 'en' },
      modelHash: `written ${variant}`,
    })
    expect(run.result.tokens!.length).toBeGreaterThan(4)
    expect(run.result.tokens!.every(({ probability, forced }) => forced || probability! > 0)).toBe(true)
  }
})

test('a graph that onnxruntime has no operators for names its variant and one that works', async () => {
  const folder = unpackVariants('ast-eager-14', join(parent, 'damaged'))
  // an operator set of the far future
  const opset = bytesField(8, textField(1, ''), integerField(2, 999))
  appendFileSync(join(folder, 'onnx', 'model_q4f16.onnx'), opset)
  const failed = setup.run(join(golden, 'clip.wav'), folder, { modelVariant: 'q4f16', modelHash: 'damaged' })
  await expect(failed).rejects.toMatchObject({
    code: 'bad-model',
    message: expect.stringMatching(
      /no model that onnxruntime can run.*this is its q4f16 variant; fp32, fp16, .* add :fp32/,
    ),
  })
})

import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { root } from '../../src/engine/paths.ts'
import { startCli, type Ended } from '../support/cli.ts'
import { goldenModel } from '../support/models.ts'

/** A model of no known family, from the refusal to its arrays. */

const folder = mkdtempSync(join(tmpdir(), 'otoscope-import-'))
afterAll(() => rmSync(folder, { recursive: true }))

const otoscope = (...words: string[]): Promise<Ended> =>
  startCli([...words, '--cache', join(folder, 'cache')], { env: { OTOSCOPE_DATA: join(folder, 'data') } }).ended

const vit = join(folder, 'vit')
cpSync(goldenModel('vit-sdpa-14'), vit, { recursive: true })
rmSync(join(vit, 'otoscope.json'))

test('a plain vision transformer: refused with the command to type, mapped, proved, inspected, run', async () => {
  const refused = await otoscope('models', 'import', vit)
  expect(refused).toMatchObject({ code: 1, stdout: '' })
  expect(refused.stderr).toContain(`otoscope models import ${vit} --input waveform (or log-mel, or filter-bank)`)
  const { code, stderr } = await otoscope('models', 'import', vit, '--input', 'filter-bank')
  expect(code, stderr).toBe(0)
  expect(stderr).toContain('is known as vit now')
  expect(stderr).toContain('2 attention sites, 2 layers × 2 heads, 3 hidden states')
  expect(stderr).toContain('mapped by hand to a Kaldi filter bank as AST hears, 64 bands of 1.28 s at 16000 Hz')
  expect(stderr).toContain('proved: the encoder makes 33 steps of the sound, and its time axis has 33')
  expect(stderr).not.toContain('NOT PROVED')
  expect((await otoscope('inspect', 'vit')).stdout).toContain('filter-bank (input mapped by hand), classifier')
  const clip = join(root, 'tests', 'golden', 'clip.wav')
  const out = join(folder, 'vit.safetensors')
  const run = await otoscope('export', clip, '--model', 'vit', '--region', '1:2', '--out', out, '--json')
  expect(run.code, run.stderr).toBe(0)
  expect(existsSync(out)).toBe(true)
  expect(JSON.parse(run.stdout)).toMatchObject({
    warnings: expect.arrayContaining([expect.stringContaining('its input was mapped by hand')]) as string[],
  })
})

test('a lone graph needs no folder of configs', async () => {
  mkdirSync(join(folder, 'alone'))
  const graph = join(folder, 'alone', 'encoder_model.onnx')
  cpSync(join(goldenModel('whisper-sdpa-17'), 'onnx', 'encoder_model.onnx'), graph)
  const { stdout, stderr } = await otoscope('models', 'import', graph, '--input', 'log-mel', '--json')
  expect(JSON.parse(stdout), stderr).toMatchObject({ id: 'alone', family: 'log-mel', type: 'encoder', maxSeconds: 2 })
})

test('wrong usage is one sentence', async () => {
  expect((await otoscope('models', 'import', vit, '--input', 'picture')).code).toBe(2)
  expect((await otoscope('models', 'import', vit, '--input', 'waveform', '--seconds', 'x')).code).toBe(2)
  const lacking = await otoscope('models', 'import', vit, '--rate', '8000')
  expect(lacking.stderr.trim()).toBe('otoscope: --rate says something of a mapped input: add --input')
  const wrong = await otoscope('models', 'import', vit, '--input', 'waveform')
  expect(wrong.stderr.trim()).toBe(
    'otoscope: model.onnx cannot be mapped: the graph takes a picture and no waveform: try --input filter-bank or log-mel',
  )
})

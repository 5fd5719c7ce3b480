import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Inspection, ModelFlow } from '../../src/contract/model.ts'
import { resource } from '../../src/engine/paths.ts'
import { runCli, startCli } from '../support/cli.ts'
import { goldenModel, starters } from '../support/models.ts'

const folder = mkdtempSync(join(tmpdir(), 'otoscope-inspect-'))
afterAll(() => rmSync(folder, { recursive: true }))
const cache = ['--cache', join(folder, 'cache')]

test('inspect draws the way of five seconds through the model', async () => {
  const { code, stdout } = await runCli('inspect', starters.whisper, ...cache)
  expect(code).toBe(0)
  const from = stdout.indexOf('a clip of 5 s')
  const lines = stdout.slice(from, stdout.indexOf('\n\n', from)).split('\n')
  const boxes = lines.filter((line) => /^[a-z]/.test(line)).slice(1)
  expect(boxes.map((line) => line.split(/ {2,}/))).toEqual([
    ['sound', '80,000 samples'],
    ['filled up', '480,000 samples'],
    ['features', '80 mel bands × 3000 frames'],
    ['steps', '1500 steps × 192'],
    ['encoder', '1500 steps × 192'],
    ['decoder', '128 tokens × 192'],
    ['output', '128 tokens × 739 scores'],
  ])
  expect(lines.filter((line) => line.includes('↓'))).toHaveLength(6)
  expect(lines.join('\n')).toMatch(/↓ cross-attention, 3 layers × 4 heads × 192\ndecoder/)
})

test('its JSON is what it was, with the flow beside it', async () => {
  const { stdout } = await runCli('inspect', goldenModel('sew-sdpa-14'), '--json', '--seconds', '2', ...cache)
  const { flow, ...inspection } = JSON.parse(stdout) as Inspection & { flow: ModelFlow }
  const known = ['id', 'family', 'type', 'untrained', 'parameters', 'encoder', 'vocabulary', 'positions']
  expect(Object.keys(inspection)).toEqual([...known, 'inputs', 'outputs', 'stepMs', 'sites'])
  expect(flow.seconds).toBe(2)
  expect(flow.stages[0]).toMatchObject({ part: 'sound', shape: [32_000], axes: ['sample'] })
  expect(flow.stages.at(-1)).toMatchObject({ part: 'output', shape: [99, 32] })
})

test('a clip of no length is wrong usage', async () => {
  expect((await runCli('inspect', starters.ast, '--seconds', '0')).code).toBe(2)
})

test('an export says what it will take before it runs, and nothing where it is stored', async () => {
  const voice = resource('recordings', 'voice.wav')
  const words = [
    'export',
    voice,
    '--model',
    starters.wav2vec2,
    '--out',
    join(folder, 'a.npz'),
    '--taps',
    'logits',
    ...cache,
  ]
  const first = await runCli(...words)
  expect(first.stderr).toMatch(
    new RegExp(
      `^otoscope: ${starters.wav2vec2} takes about [\\d.]+ s on the CPU.* of memory and [\\d.]+ MB of cache; by its multiply-adds`,
    ),
  )
  expect((await runCli(...words)).stderr).not.toContain('takes about')
})

test('an import shows how far the trial of its taps is, and keeps the model where that is ended', async () => {
  const importing = startCli(['models', 'import', resource('models', starters.ast), ...cache])
  await importing.shown(/trying its taps on a sound/)
  importing.kill('SIGINT')
  const { code, stderr } = await importing.ended
  expect(code).toBe(130)
  expect(stderr).toMatch(/is known as (\S+) now/)
  const { stdout } = await runCli('models', 'list', ...cache)
  expect(stdout).toContain(/is known as (\S+) now/.exec(stderr)![1])
})

import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { resource } from '../../src/engine/paths.ts'
import { readNpy } from '../../src/formats/npy.ts'
import { readNpz, textOf } from '../../src/formats/npz.ts'
import { readSafetensors } from '../../src/formats/safetensors.ts'
import { writeWav } from '../../src/formats/wav.ts'
import { runCli, startCli } from '../support/cli.ts'
import { shapes as sizes, starters } from '../support/models.ts'

const folder = mkdtempSync(join(tmpdir(), 'otoscope-export-'))
afterAll(() => rmSync(folder, { recursive: true }))

const voice = resource('recordings', 'voice.wav')
const words = (model: string, out: string, ...more: string[]): string[] => [
  'export',
  voice,
  '--model',
  model,
  '--out',
  join(folder, out),
  '--cache',
  join(folder, 'cache'),
  ...more,
]

const { states, width } = sizes.wav2vec2

test('everything Wav2Vec2 computes is in a safetensors file, and --json says what', async () => {
  const { code, stdout, stderr } = await runCli(
    ...words(starters.wav2vec2, 'w.safetensors', '--region', '0:1', '--json'),
  )
  expect(stderr).toContain(`${starters.wav2vec2} on voice.wav: `)
  expect(code).toBe(0)
  const { metadata, tensors } = readSafetensors(readFileSync(join(folder, 'w.safetensors')))
  const shapes = Object.fromEntries([...tensors].map(([name, { shape }]) => [name, shape]))
  expect(shapes).toMatchObject({
    features: [16_000],
    'encoder.hidden.0': [states, width],
    'encoder.hidden.5': [states, width],
    'encoder.attention.0': [4, states, states],
    'encoder.attention.4': [4, states, states],
    tokens: [states],
    logits: [states, 32],
  })
  expect(Object.keys(shapes)).toHaveLength(14)
  expect(tensors.get('tokens')?.dtype).toBe('int64')
  const said = JSON.parse(stdout) as {
    arrays: { name: string }[]
    recording: object
    region: number[]
    provider: string
  }
  expect(said).toMatchObject({ recording: { name: 'voice.wav' }, region: [0, 1], provider: 'cpu' })
  expect(said.arrays.map(({ name }) => name).sort()).toEqual(Object.keys(shapes).sort())
  expect(JSON.parse(metadata.otoscope ?? '')).toMatchObject({ region: [0, 1], model: { untrained: false } })
  expect(metadata.otoscope).not.toContain(folder)
})

test("Whisper's decoder is exported for given tokens, a row each, under limits on heads, rows and keys", async () => {
  const limits = ['--heads', '3,1', '--rows', '2:100', '--keys', '0:50']
  const taps = ['--taps', 'encoder.attention.1,cross.attention.2,decoder.*.0,tokens,logits']
  const given = ['--tokens', '1,2,3,4', '--region', '0:1']
  const { code, stderr } = await runCli(...words(starters.whisper, 'w.npz', ...taps, ...given, ...limits))
  expect({ code, stderr }).toMatchObject({ code: 0 })
  const arrays = readNpz(readFileSync(join(folder, 'w.npz')))
  const shapes = Object.fromEntries([...arrays].map(([name, { shape }]) => [name, shape]))
  delete shapes.__metadata__
  expect(shapes).toEqual({
    tokens: [4],
    'encoder.attention.1': [2, 98, 50],
    'decoder.hidden.0': [4, sizes.whisper.width],
    'decoder.attention.0': [2, 2, 4],
    'cross.attention.2': [2, 2, 50],
    logits: [4, sizes.whisper.vocabulary],
  })
  expect([...(arrays.get('tokens')?.data ?? [])]).toEqual([1n, 2n, 3n, 4n])
  const metadata = JSON.parse(textOf(arrays.get('__metadata__')?.data as Uint8Array)) as object
  expect(metadata).toMatchObject({ limits: { heads: [3, 1], rows: [2, 100] }, options: { tokens: [1, 2, 3, 4] } })
})

test('the mean over heads keeps a head axis of one, equal to the mean of the heads', async () => {
  const taps = ['--taps', 'encoder.attention.0', '--region', '0:1']
  await runCli(...words(starters.wav2vec2, 'heads', ...taps))
  await runCli(...words(starters.wav2vec2, 'mean', ...taps, '--heads', 'mean'))
  const read = (name: string) => readNpy(readFileSync(join(folder, name, 'encoder.attention.0.npy')))
  expect(readdirSync(join(folder, 'mean')).sort()).toEqual(['encoder.attention.0.npy', 'metadata.json'])
  const [heads, mean] = [read('heads'), read('mean')]
  expect(mean.shape).toEqual([1, states, states])
  const at = (head: number, i: number): number => Number(heads.data[head * states * states + i])
  for (const i of [0, 77, 2300])
    expect(Number(mean.data[i])).toBeCloseTo((at(0, i) + at(1, i) + at(2, i) + at(3, i)) / 4, 6)
})

test("AST keeps its padding and its label scores; a decoder's names are left out with a line", async () => {
  const taps = ['--taps', 'features,encoder.hidden.3,logits,cross.attention.0', '--region', '0:1']
  const { code, stderr } = await runCli(...words(starters.ast, 'a.npz', ...taps))
  expect(code).toBe(0)
  expect(stderr).toContain('has no cross.attention.0: it is left out')
  const arrays = readNpz(readFileSync(join(folder, 'a.npz')))
  expect(arrays.get('features')?.shape).toEqual([1024, 128])
  expect(arrays.get('encoder.hidden.3')?.shape).toEqual([sizes.ast.tokens, sizes.ast.width])
  expect(arrays.get('logits')?.shape).toHaveLength(1)
})

test('the same export twice is the same file', async () => {
  const taps = ['--taps', 'encoder.hidden.0', '--region', '0:1']
  for (const name of ['one.npz', 'two.npz']) await runCli(...words(starters.wav2vec2, name, ...taps))
  expect(readFileSync(join(folder, 'one.npz'))).toEqual(readFileSync(join(folder, 'two.npz')))
})

test('what is odd about a recording is said and kept, and without a cache nothing is left behind', async () => {
  const whole = writeWav({ rate: 16_000, channels: [new Float32Array(160_000).map((_, i) => Math.sin(i / 9))] })
  writeFileSync(join(folder, 'cut.wav'), whole.subarray(0, 44 + 32_000))
  const [home, temporary] = ['home', 'temporary'].map((name) => join(folder, name))
  for (const path of [home, temporary]) mkdirSync(path!)
  const taps = ['--taps', 'encoder.attention.0', '--rows', '40:200', '--no-cache']
  const exporting = words(starters.wav2vec2, 'cut', ...taps).map((word) =>
    word === voice ? join(folder, 'cut.wav') : word,
  )
  const { code, stderr } = await startCli(exporting, { env: { HOME: home, TMPDIR: temporary } }).ended
  expect(code).toBe(0)
  const { warnings } = JSON.parse(readFileSync(join(folder, 'cut', 'metadata.json'), 'utf8')) as { warnings: string[] }
  expect(warnings).toContain('truncated: 1 s of the 10 s its header promises')
  expect(warnings).toContain(`rows 40:200 reach past the end of encoder.attention.0 (${states})`)
  for (const warning of warnings) expect(stderr).toContain(warning)
  for (const path of [home, temporary]) expect(readdirSync(path!, { recursive: true })).toEqual([])
})

test('an interrupted export ends with 130 and leaves nothing', async () => {
  const cli = startCli([...words(starters.whisper, 'interrupted.npz', '--no-cache', '--region', '0:3')])
  await cli.shown(new RegExp(`${starters.whisper} on voice\\.wav`))
  cli.kill('SIGINT')
  const { code, stdout, stderr } = await cli.ended
  expect(stderr).toContain('interrupted')
  expect({ code, stdout }).toEqual({ code: 130, stdout: '' })
  expect(existsSync(join(folder, 'interrupted.npz'))).toBe(false)
  expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([])
})

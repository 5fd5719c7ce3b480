import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { resource, version } from '../../src/engine/paths.ts'
import { runCli } from '../support/cli.ts'
import { starters } from '../support/models.ts'

const folder = mkdtempSync(join(tmpdir(), 'otoscope-cli-'))
afterAll(() => rmSync(folder, { recursive: true }))

const cache = ['--cache', join(folder, 'cache')]
const voice = resource('recordings', 'voice.wav')
const file = (name: string, bytes: string | Uint8Array): string => {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}
const exporting = (recording: string, ...more: string[]): string[] => [
  'export',
  recording,
  '--model',
  starters.wav2vec2,
  '--out',
  join(folder, 'out', 'x.npz'),
  ...cache,
  ...more,
]

/** Exit code 1, one sentence, no stack, nothing on stdout and no output file. */
const expectFailure = async (words: string[], sentence: string | RegExp): Promise<void> => {
  const { code, stdout, stderr } = await runCli(...words)
  expect(stderr).toMatch(sentence)
  expect(stderr).not.toMatch(/\n\s+at /)
  expect(
    stderr
      .trim()
      .split('\n')
      .filter((line) => line.startsWith('otoscope: ')),
  ).toHaveLength(1)
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(readdirSync(folder)).not.toContain('out')
}

test('version and help are answered with exit code 0', async () => {
  expect(await runCli('--version')).toMatchObject({ code: 0, stdout: `${version}\n` })
  const help = await runCli('--help')
  expect(help.code).toBe(0)
  for (const command of ['open', 'serve', 'report', 'export', 'inspect', 'models', 'devices', 'cache'])
    expect(help.stdout).toContain(command)
})

test('what the parser alone can see is exit code 2', async () => {
  const wrong = [
    ['export', voice],
    exporting(voice, '--region', '5:1'),
    exporting(voice, '--device', 'tpu'),
    exporting(voice, '--taps', 'encoder.hiden.0'),
    ['serve', '--port', 'http'],
    ['devices', '--nonsense'],
    ['models', 'pull', 'whisper-tiny', '--variant', 'q5'],
    ['models', 'nonsense'],
  ]
  for (const { code, stdout, stderr } of await Promise.all(wrong.map((words) => runCli(...words)))) {
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^error: /)
  }
})

test('models pull of a name that is neither in the catalogue nor owner/name says so', async () => {
  await expectFailure(['models', 'pull', 'whisper-huge'], /there is no whisper-huge in the catalogue/)
})

test('files that are no recordings are refused with a sentence', async () => {
  mkdirSync(join(folder, 'a-folder'))
  await expectFailure(exporting(join(folder, 'missing.wav')), /missing\.wav/)
  await expectFailure(exporting(join(folder, 'a-folder')), /a-folder/)
  await expectFailure(exporting(file('empty.wav', '')), /empty/)
  await expectFailure(exporting(file('text.wav', 'this is not sound\n')), /text\.wav/)
  await expectFailure(exporting(file('list.mp3', '#EXTM3U\n#EXTINF:1,\nother.wav\n')), /list\.mp3/)
})

test('a region outside the recording or too short for the model is refused', async () => {
  await expectFailure(exporting(voice, '--region', '0:500'), /region 0:500/)
  await expectFailure(exporting(voice, '--region', '400:401'), /region 400:401/)
  await expectFailure(exporting(voice, '--region', '0:0.02'), /at least/)
})

test('models, layers and heads that do not exist are refused before work starts', async () => {
  await expectFailure(['inspect', 'nothing-like-this', ...cache], /there is no model nothing-like-this/)
  await expectFailure(['inspect', folder, ...cache], /config\.json/)
  await expectFailure(exporting(voice, '--taps', 'encoder.hidden.99'), /has no encoder\.hidden\.99/)
  await expectFailure(exporting(voice, '--taps', 'cross.attention.0'), /nothing to export/)
  await expectFailure(exporting(voice, '--heads', '0,99'), /no head 99/)
})

test('a graph that is no model is refused', async () => {
  const model = join(folder, 'broken')
  mkdirSync(join(model, 'onnx'), { recursive: true })
  writeFileSync(
    join(model, 'config.json'),
    JSON.stringify({ model_type: 'wav2vec2', num_hidden_layers: 1, num_attention_heads: 1, hidden_size: 8 }),
  )
  writeFileSync(join(model, 'preprocessor_config.json'), JSON.stringify({ sampling_rate: 16_000 }))
  writeFileSync(join(model, 'onnx', 'model.onnx'), 'not a graph')
  await expectFailure(['inspect', model, ...cache], /broken|model\.onnx/)
})

test('an output that cannot be written is refused before work starts', async () => {
  const path = file('in-the-way', '')
  const words = exporting(voice).map((word) => (word.endsWith('x.npz') ? join(path, 'x.npz') : word))
  await expectFailure(words, /cannot be written/)
  await expectFailure(['models', 'list', '--cache', join(path, 'cache')], /cannot be written/)
})

test('a name full of markup, quotes and control characters is printed as text', async () => {
  const name = '<b>"x"\u001b[31m.wav'
  const { code, stderr } = await runCli(...exporting(file(name, '')))
  expect(code).toBe(1)
  expect(stderr).not.toContain('\u001b')
})

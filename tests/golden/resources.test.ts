import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { resource } from '../../src/engine/paths.ts'
import { starters } from '../support/models.ts'
import { loadJson } from './load.ts'

const bytesBelow = (folder: string): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)

describe('the shipped recordings', () => {
  it.each(['chimes.wav', 'scene.wav', 'thunder.wav', 'voice.wav'])('are WAV of at most 1 MB at a rate no model has: %s', (name) => {
    const bytes = readFileSync(resource('recordings', name))
    expect(bytes.length).toBeLessThanOrEqual(1_000_000)
    expect(bytes.toString('latin1', 0, 4)).toBe('RIFF')
    expect(bytes.readUInt32LE(24)).not.toBe(16000)
  })
})

/** What tools of Hugging Face's read beside the graphs. */
const files = {
  ast: ['config.json', 'preprocessor_config.json'],
  wav2vec2: [
    'config.json',
    'preprocessor_config.json',
    'special_tokens_map.json',
    'tokenizer_config.json',
    'vocab.json',
  ],
  whisper: [
    ...['config.json', 'preprocessor_config.json', 'generation_config.json', 'tokenizer_config.json'],
    ...['tokenizer.json', 'vocab.json', 'merges.txt', 'added_tokens.json', 'normalizer.json', 'special_tokens_map.json'],
  ],
}
const folderOf = (family: keyof typeof starters): string => resource('models', starters[family])
const families = Object.keys(starters) as (keyof typeof starters)[]

describe('the shipped models', () => {
  it('are one per family, and nothing else', () => {
    const folders = readdirSync(resource('models'), { withFileTypes: true }).filter((entry) => entry.isDirectory())
    expect(folders.map(({ name }) => name).sort()).toEqual(Object.values(starters).sort())
  })

  it.each(families)('take at most 15 MB, say their licence, and have every file they are read with: %s', (family) => {
    const folder = folderOf(family)
    expect(bytesBelow(folder)).toBeLessThanOrEqual(15_000_000)
    expect(loadJson(join(folder, 'otoscope.json'))).toMatchObject({ licence: 'CC0-1.0', note: expect.any(String) })
    expect(files[family].filter((name) => !existsSync(join(folder, name)))).toEqual([])
  })

  it.each(families)('are not said to be untrained, and have a card with the same licence: %s', (family) => {
    expect(loadJson(join(folderOf(family), 'otoscope.json'))).not.toHaveProperty('untrained')
    const card = readFileSync(join(folderOf(family), 'README.md'), 'utf8')
    const front = /^---\n([^]*?)\n---\n/.exec(card)?.[1] ?? ''
    expect(front).toMatch(/^license: cc0-1\.0$/m)
    expect(card.slice(front.length)).toMatch(/^# /m)
  })

  it('name every label of the classifier once, in both directions', () => {
    const { id2label, label2id } = loadJson<{ id2label: Record<string, string>; label2id: Record<string, number> }>(
      join(folderOf('ast'), 'config.json'),
    )
    const labels = Object.values(id2label)
    expect(labels.length).toBeGreaterThanOrEqual(20)
    expect(Object.entries(id2label).map(([id, label]) => [label, Number(id)])).toEqual(
      labels.map((label) => [label, label2id[label]]),
    )
    for (const label of ['Thunder', 'Rain', 'Wind', 'Wind chime', 'Church bell', 'Bird', 'Speech', 'Silence'])
      expect(labels).toContain(label)
  })
})

describe('the goldens', () => {
  it('stay small: 9 MB of models, 7 MB of numbers', () => {
    const here = fileURLToPath(new URL('./', import.meta.url))
    const models = bytesBelow(join(here, 'models'))
    expect(models).toBeLessThanOrEqual(9_000_000)
    expect(bytesBelow(here) - models).toBeLessThanOrEqual(7_000_000)
  })
})

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { resource } from '../../src/engine/paths.ts'
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

describe('the shipped models', () => {
  it.each(['ast', 'wav2vec2', 'whisper'])('are one of at most 3 MB per family, said to be untrained: %s', (family) => {
    const folder = resource('models', `${family}-untrained`)
    expect(bytesBelow(folder)).toBeLessThanOrEqual(3_000_000)
    expect(loadJson(join(folder, 'otoscope.json'))).toMatchObject({ untrained: true, licence: 'CC0-1.0' })
  })
})

describe('the goldens', () => {
  it('stay small: 6 MB of models, 6 MB of numbers', () => {
    const here = fileURLToPath(new URL('./', import.meta.url))
    const models = bytesBelow(join(here, 'models'))
    expect(models).toBeLessThanOrEqual(6_000_000)
    expect(bytesBelow(here) - models).toBeLessThanOrEqual(6_000_000)
  })
})

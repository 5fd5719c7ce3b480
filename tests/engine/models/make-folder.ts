import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { resource } from '../../../src/engine/paths.ts'
import { goldenModel, starters } from '../../support/models.ts'
import { attentionModel, heads, width, type Form } from './attention-model.ts'

/** Model folders for tests, in a temporary folder that the caller removes. */

export const shipped = (id: 'ast' | 'wav2vec2' | 'whisper'): string => resource('models', starters[id])

export const temporary = (): string => realpathSync(mkdtempSync(join(tmpdir(), 'otoscope-models-')))

/** A copy of a shipped model, to be damaged. */
export const copyOf = (id: 'ast' | 'wav2vec2' | 'whisper', parent: string, name: string = id): string => {
  cpSync(shipped(id), join(parent, name), { recursive: true })
  return join(parent, name)
}

/** Changes keys of a JSON file; undefined removes one. */
export const edit = (folder: string, file: string, changes: Record<string, unknown>): void => {
  const path = join(folder, file)
  writeFileSync(path, JSON.stringify({ ...(JSON.parse(readFileSync(path, 'utf8')) as object), ...changes }))
}

export const handMade: Form = { layers: 2, norm: 'post', scores: 'sdpa', layerNorm: 'one', input: 'input_values' }

/** A Wav2Vec2-like folder around a hand-written graph whose config fits it. */
export const handMadeFolder = (parent: string, form: Form = handMade, file = 'onnx/model.onnx'): string => {
  const folder = join(parent, 'hand-made')
  mkdirSync(dirname(join(folder, file)), { recursive: true })
  for (const config of ['config.json', 'preprocessor_config.json'])
    cpSync(join(goldenModel('wav2vec2-sdpa-17'), config), join(folder, config))
  edit(folder, 'config.json', { num_hidden_layers: form.layers, num_attention_heads: heads, hidden_size: width })
  writeFileSync(join(folder, file), attentionModel(form).bytes)
  return folder
}

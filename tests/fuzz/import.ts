import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { EngineError } from '../../src/contract/errors.ts'
import { createEngine } from '../../src/engine/index.ts'
import { openWorkFolder } from '../../src/engine/work-folder.ts'
import { mutated, random } from './mutate.ts'

/**
 * Models with a damaged graph through all that an import does: read, opened, and where the reader finds nothing wrong run by onnxruntime
 * on a short sound. Its process may die of one: the call that is lost says so, and the next has a new process.
 */

const models = fileURLToPath(new URL('../golden/models/', import.meta.url))

const subjects = [
  { model: 'wav2vec2-sdpa-14', graph: 'model.onnx' },
  { model: 'ast-sdpa-17', graph: 'model.onnx' },
  { model: 'ast-fused-17', graph: 'model.onnx' },
  { model: 'wavlm-eager-17', graph: 'model.onnx' },
  { model: 'whisper-merged-17', graph: 'decoder_model_merged.onnx' },
]

export interface FuzzedImports {
  /** proofs were made: passed or failed, each with its sentence */
  proved: number
  refused: number
  /** onnxruntime's process died, and the call said so */
  died: number
  /** seconds and number of the slowest file */
  slowest: { seconds: number; number: number }
  /** no sentence of ours, an engine that no longer answers, or more than 5 s; with the number that makes it again */
  wrong: { number: number; message: string }[]
}

/** Files `first` … `first + count − 1`; each number is always the same file. */
export const fuzzImport = async (
  first: number,
  count: number,
  each: (number: number) => void = () => {},
): Promise<FuzzedImports> => {
  using work = openWorkFolder(join(fileURLToPath(new URL('../../', import.meta.url)), 'node_modules', '.cache'), 'fuzz')
  const engine = await createEngine({
    cacheFolder: join(work.path, 'cache'),
    settingsFolder: join(work.path, 'settings'),
    threads: 1,
    host: 'a fuzz test',
  })
  const found: FuzzedImports = { proved: 0, refused: 0, died: 0, slowest: { seconds: 0, number: 0 }, wrong: [] }
  const stock = subjects.map(({ model, graph }) => {
    cpSync(join(models, model), join(work.path, model), { recursive: true })
    return readFileSync(join(models, model, 'onnx', graph))
  })
  const tryOne = async (number: number): Promise<void> => {
    const { model, graph } = subjects[number % subjects.length]!
    const folder = join(work.path, model)
    writeFileSync(join(folder, 'onnx', graph), mutated(stock[number % subjects.length]!, random(number)))
    try {
      const card = await engine.client.host['models.open']({ model: folder })
      await engine.client.engine['models.prove']({ model: card.id })
      found.proved++
    } catch (error) {
      const isSentence = error instanceof EngineError && error.message.length > 0 && error.message.length < 600
      if (!isSentence)
        found.wrong.push({ number, message: error instanceof Error ? (error.stack ?? '') : String(error) })
      else if (error.code === 'inference-gone') found.died++
      else found.refused++
    }
  }
  try {
    for (let number = first; number < first + count; number++) {
      each(number)
      const began = performance.now()
      await tryOne(number)
      const seconds = (performance.now() - began) / 1000
      if (seconds > found.slowest.seconds) found.slowest = { seconds, number }
      if (seconds > 5) found.wrong.push({ number, message: `took ${seconds.toFixed(1)} s` })
    }
    const listed = await engine.client.engine['models.list']({})
    if (listed.length === 0) found.wrong.push({ number: first + count, message: 'the engine lists no models any more' })
  } finally {
    await engine.close()
  }
  return found
}

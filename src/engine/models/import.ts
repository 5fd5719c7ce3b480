import { existsSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { EngineError } from '../../contract/errors.ts'
import type { ModelCard } from '../../contract/model.ts'
import { cannotWrite } from '../export/output.ts'
import { checkSpace } from '../net/space.ts'
import { openWorkFolder } from '../work-folder.ts'
import { unpackArchive } from './archive.ts'
import { verifyFolder } from './archive-verify.ts'
import type { Copying } from './copying.ts'
import { openModel } from './open.ts'
import type { Registry } from './registry.ts'

/**
 * Makes a model known: a folder where it lies, named itself or by one of its graphs, or an archive made by `exportModel`, unpacked
 * among Otoscope's own files. Nothing is left of an import that fails or is cancelled. Throws `not-found`, `bad-model`, `bad-download`, `no-space`, `cannot-write`.
 */
export const importModel = async (path: string, registry: Registry, copying: Copying): Promise<ModelCard> => {
  if (!existsSync(path)) throw new EngineError('not-found', `there is no model folder or archive ${path}`)
  const isFile = statSync(path).isFile()
  if (isFile && !path.endsWith('.onnx')) return importArchive(path, registry, copying)
  const folder = isFile ? folderOf(path) : path
  await verifyFolder(folder, copying)
  return registry.import(folder)
}

/** The model that a graph file is part of: configs lie beside it, or above the folder onnx/. */
const folderOf = (graph: string): string => {
  const beside = dirname(resolve(graph))
  const folder = [beside, dirname(beside)].find((place) => existsSync(join(place, 'config.json')))
  if (folder !== undefined) return folder
  throw new EngineError(
    'bad-model',
    `${basename(graph)} stands alone: the config.json of its model, which says what it hears, should lie beside it or in the folder above`,
  )
}

const importArchive = async (path: string, registry: Registry, copying: Copying): Promise<ModelCard> => {
  const { ownFolder } = registry
  await checkSpace(ownFolder, statSync(path).size)
  using work = openWorkFolder(ownFolder, 'import')
  try {
    const folder = await unpackArchive(path, work.path, copying)
    openModel(folder)
    copying.signal.throwIfAborted()
    return registry.adopt(folder)
  } catch (error) {
    throw cannotWrite(ownFolder, error)
  }
}

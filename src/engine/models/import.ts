import { existsSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { EngineError } from '../../contract/errors.ts'
import type { Mapping } from '../../contract/mapping.ts'
import type { ModelCard } from '../../contract/model.ts'
import { cannotWrite } from '../export/output.ts'
import { checkSpace } from '../net/space.ts'
import { openWorkFolder } from '../work-folder.ts'
import { unpackArchive } from './archive.ts'
import { verifyFolder } from './archive-verify.ts'
import type { Copying } from './copying.ts'
import { mappingAdvice } from './folder.ts'
import { mapModel } from './mapping/map-model.ts'
import { mappedConfigs, readNote } from './note.ts'
import { openModel } from './open.ts'
import { readingFiles } from './reading-files.ts'
import type { Registry } from './registry.ts'

/**
 * Makes a model known: a folder where it lies, named itself or by one of its graphs, or an archive made by `exportModel`, unpacked
 * among Otoscope's own files. A folder of no known family is opened by a `mapping` of its input, kept in its otoscope.json. Nothing is
 * left of an import that fails or is cancelled. Throws `not-found`, `bad-model`, `bad-download`, `bad-input`, `no-space`, `cannot-write`.
 */
export const importModel = async (
  path: string,
  registry: Registry,
  copying: Copying,
  mapping?: Mapping,
): Promise<ModelCard> => {
  if (!existsSync(path)) throw new EngineError('not-found', `there is no model folder or archive ${path}`)
  const isFile = statSync(path).isFile()
  if (isFile && !path.endsWith('.onnx')) {
    if (!mapping) return importArchive(path, registry, copying)
    throw new EngineError(
      'bad-input',
      `${basename(path)} is an archive, which brings its mapping along: leave --input out`,
    )
  }
  const folder = isFile ? folderOf(path, mapping !== undefined) : path
  await verifyFolder(folder, copying)
  return mapping ? importMapped(folder, registry, mapping) : registry.import(folder)
}

const importMapped = (folder: string, registry: Registry, mapping: Mapping): ModelCard => {
  const undo = readingFiles(folder, () => mapModel(folder, mapping))
  try {
    return registry.import(folder)
  } catch (error) {
    undo()
    throw error
  }
}

/** The model that a graph file is part of: configs lie beside it, or above the folder onnx/. A graph without any may be mapped. */
const folderOf = (graph: string, isMapped: boolean): string => {
  const beside = dirname(resolve(graph))
  const above = dirname(beside)
  const folder = [beside, above].find(
    (place) => existsSync(join(place, 'config.json')) || mappedConfigs(readNote(place)) !== null,
  )
  if (folder !== undefined) return folder
  if (isMapped) return basename(beside) === 'onnx' ? above : beside
  throw new EngineError(
    'bad-model',
    `${basename(graph)} stands alone: the config.json of its model, which says what it hears, should lie beside it or in the folder above; ${mappingAdvice(graph)}`,
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

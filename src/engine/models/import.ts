import { existsSync, statSync } from 'node:fs'
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
 * Makes a model known: a folder where it lies, or an archive made by `exportModel`, unpacked among Otoscope's own files. Nothing
 * is left of an import that fails or is cancelled. Throws `not-found`, `bad-model`, `bad-download`, `no-space`, `cannot-write`.
 */
export const importModel = async (path: string, registry: Registry, copying: Copying): Promise<ModelCard> => {
  if (!existsSync(path)) throw new EngineError('not-found', `there is no model folder or archive ${path}`)
  if (statSync(path).isFile()) return importArchive(path, registry, copying)
  await verifyFolder(path, copying)
  return registry.import(path)
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

import { EngineError } from '../../contract/errors.ts'
import type { Inspection, ModelCard } from '../../contract/model.ts'
import { resource } from '../paths.ts'
import type { Store } from '../store/store.ts'

/** The models that can be named: shipped in resources/models, imported (remembered in the store), or any folder by its path. */
export interface Registry {
  /** shipped and imported ones that can be read, shipped first; ids are unique */
  list(): ModelCard[]
  /** by id, else by folder path. Throws `not-found` naming the known ids, or `bad-model` */
  find(idOrFolder: string): { card: ModelCard; folder: string }
  inspect(idOrFolder: string): Inspection
  /** opens it (throws `bad-model`), then remembers its absolute path under the folder's name (`-2`, `-3` … when taken) */
  import(path: string): ModelCard
  /** forgets an imported model; its files stay. Throws `not-found`, or `bad-input` for a shipped one */
  remove(id: string): void
}

export const createRegistry = (
  store: Pick<Store, 'importedModels' | 'importModel' | 'removeModel'>,
  shipped: string = resource('models'),
): Registry => {
  throw new EngineError('not-yet', `${shipped} ${store.importedModels().length}`)
}

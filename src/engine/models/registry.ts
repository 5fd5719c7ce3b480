import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { EngineError } from '../../contract/errors.ts'
import type { ModelCard } from '../../contract/model.ts'
import { resource } from '../paths.ts'
import type { Store } from '../store/store.ts'
import { inVariant, readCard } from './folder.ts'
import { folderName } from './folder-name.ts'
import { openModel } from './open.ts'
import { splitVariant } from './variants.ts'

type Imports = Pick<Store, 'importedModels' | 'importModel' | 'removeModel'>

export interface FoundModel {
  card: ModelCard
  folder: string
}

/** The models that can be named: shipped in resources/models, imported (remembered in the store), or any folder by its path. */
export interface Registry {
  /** shipped and imported ones that can be read, shipped first; ids are unique */
  list(): ModelCard[]
  /** by id, else by folder path (a shipped or imported folder keeps its id); `:q8` after it names a variant. Throws `not-found` naming the known ids, or `bad-model` */
  find(idOrFolder: string): FoundModel
  /** opens it (throws `bad-model`), then remembers its absolute path under the folder's name (`-2`, `-3` … when taken) */
  import(path: string): ModelCard
  /** forgets an imported model; its files stay. Throws `not-found`, or `bad-input` for a shipped one */
  remove(id: string): void
}

interface Entry {
  id: string
  folder: string
  origin: 'shipped' | 'imported'
}

const shippedIn = (folder: string): Entry[] =>
  (existsSync(folder) ? readdirSync(folder).sort() : [])
    .filter((id) => existsSync(join(folder, id, 'config.json')))
    .map((id) => ({ id, folder: join(folder, id), origin: 'shipped' }))

const cardOf = ({ id, folder, origin }: Entry): ModelCard => ({ ...readCard(folder), id, origin })

/** An imported folder may have been moved since: it is left out of the list, and `find` says what is wrong. */
const readable = (entry: Entry): ModelCard[] => {
  try {
    return [cardOf(entry)]
  } catch (error) {
    if (error instanceof EngineError && ['bad-model', 'not-found'].includes(error.code)) return []
    throw error
  }
}

const freeId = (taken: Set<string>, name: string): string => {
  for (let n = 1; ; n++) {
    const id = n === 1 ? name : `${name}-${n}`
    if (!taken.has(id)) return id
  }
}

export const createRegistry = (store: Imports, shipped: string = resource('models')): Registry => {
  const entries = (): Entry[] => [
    ...shippedIn(shipped),
    ...store.importedModels().map(({ id, folder }): Entry => ({ id, folder, origin: 'imported' })),
  ]
  const unknown = (id: string): EngineError => {
    const known = entries().map((entry) => entry.id)
    return new EngineError('not-found', `there is no model ${id}; known are ${known.join(', ') || 'none'}, or a folder`)
  }
  const find = (reference: string): FoundModel => {
    const { name: idOrFolder, variant } = splitVariant(reference)
    const { card, folder } = findNamed(idOrFolder)
    return { card: inVariant(card, folder, variant), folder }
  }
  const findNamed = (idOrFolder: string): FoundModel => {
    const known = entries()
    const entry =
      known.find(({ id }) => id === idOrFolder) ?? known.find(({ folder }) => folder === resolve(idOrFolder))
    if (entry) return { card: cardOf(entry), folder: entry.folder }
    const isPath = existsSync(idOrFolder) || /[\\/]/.test(idOrFolder)
    if (!isPath) throw unknown(idOrFolder)
    return { card: readCard(idOrFolder), folder: resolve(idOrFolder) }
  }
  return {
    list: () => entries().flatMap(readable),
    find,
    import(path) {
      const folder = resolve(path)
      openModel(folder)
      const known = entries().find((entry) => entry.folder === folder)
      if (known) return cardOf(known)
      const id = freeId(new Set(entries().map((entry) => entry.id)), folderName(folder))
      store.importModel(id, folder)
      return cardOf({ id, folder, origin: 'imported' })
    },
    remove(id) {
      if (store.removeModel(id)) return
      const isShipped = entries().some((entry) => entry.id === id)
      throw isShipped ? new EngineError('bad-input', `${id} came with Otoscope and cannot be removed`) : unknown(id)
    },
  }
}

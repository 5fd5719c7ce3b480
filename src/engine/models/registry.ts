import { existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { EngineError } from '../../contract/errors.ts'
import { RepoId } from '../../contract/hub.ts'
import type { ModelCard, Variant } from '../../contract/model.ts'
import { defaultDataFolder } from '../data-folder.ts'
import { resource } from '../paths.ts'
import type { Store } from '../store/store.ts'
import { openWorkFolder } from '../work-folder.ts'
import { catalogued } from './catalogue.ts'
import { inVariant, readCard } from './folder.ts'
import { folderName } from './folder-name.ts'
import { freeId } from './free-id.ts'
import { cachedModels, cardLicence, type CachedModel } from './hub/cached.ts'
import { hubFolders } from './hub/folders.ts'
import { noteName } from './note.ts'
import { openModel } from './open.ts'
import { splitVariant } from './variants.ts'

type Imports = Pick<Store, 'importedModels' | 'importModel' | 'removeModel'>

export interface FoundModel {
  card: ModelCard
  folder: string
}

/**
 * The models that can be named: shipped in resources/models, imported (unpacked among our own files, or remembered in the store),
 * in Hugging Face's cache (whoever downloaded them), or any folder by its path.
 */
export interface Registry {
  /** those that can be read, shipped ones first; ids are unique */
  list(): ModelCard[]
  /** by id, or for a model of the hub owner/name, never by path; `:q8` after it names a variant. Throws `not-found` naming the known ids, or `bad-model` */
  known(reference: string): FoundModel
  /** as `known`, else by folder path (a folder that has an id keeps it). Throws `not-found` or `bad-model` */
  find(idOrFolder: string): FoundModel
  /** opens it (throws `bad-model`), then remembers its absolute path under the folder's name (`-2`, `-3` … when taken) */
  import(path: string): ModelCard
  /** Otoscope's own data folder: what is to be adopted is made in it */
  ownFolder: string
  /** moves a model's folder from elsewhere in `ownFolder` among the unpacked ones, under its name (`-2`, `-3` … when taken) */
  adopt(folder: string): ModelCard
  /** forgets an imported model, whose files stay; deletes an unpacked one. Throws `not-found`, or `bad-input` for a shipped one */
  remove(id: string): void
}

interface Entry {
  id: string
  folder: string
  origin: 'shipped' | 'imported' | 'hub'
  hub?: { repo: string; revision: string }
  /** absent where it cannot be removed */
  remove?: () => void
}

const foldersIn = (folder: string): { id: string; folder: string }[] =>
  (existsSync(folder) ? readdirSync(folder).sort() : [])
    .filter((id) => ['config.json', noteName].some((file) => existsSync(join(folder, id, file))))
    .map((id) => ({ id, folder: join(folder, id) }))

const cardOf = ({ id, folder, origin, hub }: Entry): ModelCard => ({
  ...readCard(folder),
  id,
  origin,
  ...(hub && { hub, licence: cardLicence(folder) ?? (catalogued(hub.repo)?.licence || null) }),
})

/** An imported folder may have been moved since: it is left out of the list, and `find` says what is wrong. */
const readable = (entry: Entry): ModelCard[] => {
  try {
    return [cardOf(entry)]
  } catch (error) {
    if (error instanceof EngineError && ['bad-model', 'not-found'].includes(error.code)) return []
    throw error
  }
}

/** A name may be taken twice where several caches were used: the later one is known by another. */
const withOwnIds = (entries: Entry[]): Entry[] => {
  const taken = new Set<string>()
  return entries.map((entry) => {
    const id = entry.hub && taken.has(entry.id) ? entry.hub.repo : freeId(entry.id, (id) => taken.has(id))
    taken.add(id)
    return { ...entry, id }
  })
}

/** It leaves the list at once and as a whole, however long deleting takes. */
const deleteFolder = (ownFolder: string, folder: string): void => {
  using work = openWorkFolder(ownFolder, 'removed')
  renameSync(folder, join(work.path, basename(folder)))
}

export const createRegistry = (
  store: Imports,
  shipped: string = resource('models'),
  ownFolder: string = defaultDataFolder(),
  cached: () => CachedModel[] = () => cachedModels(hubFolders().cache),
): Registry => {
  const unpacked = join(ownFolder, 'models')
  const entries = (): Entry[] =>
    withOwnIds([
      ...foldersIn(shipped).map((found): Entry => ({ ...found, origin: 'shipped' })),
      ...foldersIn(unpacked).map((found): Entry => ({
        ...found,
        origin: 'imported',
        remove: () => deleteFolder(ownFolder, found.folder),
      })),
      ...store
        .importedModels()
        .map(({ id, folder }): Entry => ({ id, folder, origin: 'imported', remove: () => store.removeModel(id) })),
      ...cached().map(({ id, folder, repo, revision }): Entry => ({
        id,
        folder,
        origin: 'hub',
        hub: { repo, revision },
      })),
    ])
  const takenIds = (): string[] => entries().map((entry) => entry.id)
  const unknown = (id: string): EngineError => {
    if (catalogued(id)) return new EngineError('not-found', `${id} is not here yet: otoscope models pull ${id}`)
    const known = entries().map((entry) => entry.id)
    return new EngineError('not-found', `there is no model ${id}; known are ${known.join(', ') || 'none'}, or a folder`)
  }
  const named = (known: readonly Entry[], name: string): Entry | undefined => {
    const repo = name.toLowerCase()
    return known.find(({ id }) => id === name) ?? known.find(({ hub }) => hub?.repo.toLowerCase() === repo)
  }
  const found = (entry: Entry, variant: Variant | undefined): FoundModel => ({
    card: inVariant(cardOf(entry), entry.folder, variant),
    folder: entry.folder,
  })
  const find = (reference: string): FoundModel => {
    const { name, variant } = splitVariant(reference)
    const folder = resolve(name)
    const known = entries()
    const entry = named(known, name) ?? known.find((one) => one.folder === folder)
    if (entry) return found(entry, variant)
    const isThere = existsSync(name)
    if (!isThere && (catalogued(name) || !/[\\/]/.test(name))) throw unknown(name)
    if (!isThere && RepoId.safeParse(name).success)
      throw new EngineError(
        'not-found',
        `there is no model folder ${name}; if it is a model of the hub: otoscope models pull ${name}`,
      )
    return { card: inVariant(readCard(name), folder, variant), folder }
  }
  return {
    list: () => entries().flatMap(readable),
    known: (reference) => {
      const { name, variant } = splitVariant(reference)
      const entry = named(entries(), name)
      if (!entry) throw unknown(name)
      return found(entry, variant)
    },
    find,
    import(path) {
      const folder = resolve(path)
      openModel(folder)
      const known = entries().find((entry) => entry.folder === folder)
      if (known) return cardOf(known)
      const taken = takenIds()
      const id = freeId(folderName(folder), (id) => taken.includes(id))
      store.importModel(id, folder)
      return cardOf({ id, folder, origin: 'imported' })
    },
    ownFolder,
    adopt(folder) {
      mkdirSync(unpacked, { recursive: true })
      const taken = [...takenIds(), ...readdirSync(unpacked)]
      const id = freeId(basename(folder), (id) => taken.includes(id))
      renameSync(folder, join(unpacked, id))
      return cardOf({ id, folder: join(unpacked, id), origin: 'imported' })
    },
    remove(id) {
      const entry = entries().find((known) => known.id === id)
      if (!entry) throw unknown(id)
      if (!entry.remove) throw new EngineError('bad-input', `${id} came with Otoscope and cannot be removed`)
      entry.remove()
    },
  }
}

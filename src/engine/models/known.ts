import { EngineError } from '../../contract/errors.ts'
import type { ModelCard } from '../../contract/model.ts'
import { openModel } from './open.ts'
import type { FoundModel, Registry } from './registry.ts'

/**
 * The models this process may be asked about by id. Only a host names folders (`open`); the page's ids are never taken
 * for paths.
 */
export interface KnownModels {
  list(): ModelCard[]
  /** Throws `not-found` for an id that is neither shipped, imported nor opened */
  find(id: string): FoundModel
  /** by id or folder; `card.type` is what the graph can do. Throws `not-found` or `bad-model` */
  open(idOrFolder: string): FoundModel
}

export const createKnownModels = (registry: Registry): KnownModels => {
  const opened = new Map<string, FoundModel>()
  const freeId = (id: string, folder: string): string => {
    const taken = registry.list().map((card) => card.id)
    for (let n = 1; ; n++) {
      const candidate = n === 1 ? id : `${id}-${n}`
      if (!taken.includes(candidate) && (opened.get(candidate)?.folder ?? folder) === folder) return candidate
    }
  }
  const asOpened = ({ card, folder }: FoundModel): FoundModel => ({
    card: { ...card, type: openModel(folder).card.type },
    folder,
  })
  return {
    list: () => [...registry.list(), ...[...opened.values()].map(({ card }) => card)],
    find: (id) => {
      const folder = opened.get(id)
      if (folder) return folder
      const known = registry.list().map((card) => card.id)
      if (!known.includes(id))
        throw new EngineError('not-found', `there is no model ${id}; known are ${known.join(', ') || 'none'}`)
      return asOpened(registry.find(id))
    },
    open: (idOrFolder) => {
      const found = asOpened(registry.find(idOrFolder))
      if (found.card.origin !== 'folder') return found
      const id = freeId(found.card.id, found.folder)
      const known = { ...found, card: { ...found.card, id } }
      opened.set(id, known)
      return known
    },
  }
}

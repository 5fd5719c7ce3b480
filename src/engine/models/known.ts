import type { ModelCard } from '../../contract/model.ts'
import { inVariant } from './folder.ts'
import { freeId } from './free-id.ts'
import { openModel } from './open.ts'
import type { FoundModel, Registry } from './registry.ts'
import { splitVariant } from './variants.ts'

/**
 * The models this process may be asked about by id. Only a host names folders (`open`); the page's ids are never taken
 * for paths.
 */
export interface KnownModels {
  list(): ModelCard[]
  /** Throws `not-found` for what is neither opened nor an id (or a hub's owner/name) that the registry knows */
  find(id: string): FoundModel
  /** by id or folder; `card.type` is what the graph can do. Throws `not-found` or `bad-model` */
  open(idOrFolder: string): FoundModel
}

export const createKnownModels = (registry: Registry): KnownModels => {
  const opened = new Map<string, FoundModel>()
  const ownId = (id: string, folder: string): string => {
    const taken = registry.list().map((card) => card.id)
    return freeId(id, (one) => taken.includes(one) || (opened.get(one)?.folder ?? folder) !== folder)
  }
  const asOpened = ({ card, folder }: FoundModel): FoundModel => ({
    card: { ...card, type: openModel(folder, card.variant).card.type },
    folder,
  })
  return {
    list: () => [...registry.list(), ...[...opened.values()].map(({ card }) => card)],
    find: (reference) => {
      const { name: id, variant } = splitVariant(reference)
      const found = opened.get(id)
      if (found) return asOpened({ ...found, card: inVariant(found.card, found.folder, variant) })
      return asOpened(registry.known(reference))
    },
    open: (reference) => {
      const { name, variant } = splitVariant(reference)
      const found = registry.find(name)
      if (found.card.origin !== 'folder') return asOpened(registry.find(reference))
      const id = ownId(found.card.id, found.folder)
      const known = { ...found, card: { ...found.card, id } }
      const answer = asOpened({ ...known, card: inVariant(known.card, known.folder, variant) })
      opened.set(id, known)
      return answer
    },
  }
}

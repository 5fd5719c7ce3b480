import type { EngineHandlers } from '../../contract/engine.ts'
import { openModel } from '../models/open.ts'
import type { EngineParts } from '../parts.ts'

export const modelHandlers = ({ models }: EngineParts): Pick<EngineHandlers, 'models.list' | 'models.inspect'> => ({
  'models.list': () => models.list(),
  'models.inspect': ({ model }) => {
    const { card, folder } = models.find(model)
    return { ...openModel(folder, card.variant).inspection, id: card.id }
  },
})

import type { EngineHandlers } from '../../contract/engine.ts'
import { admit } from '../estimate/estimate-memory.ts'
import { needOfProof } from '../estimate/estimate-proof.ts'
import { modelFlow } from '../estimate/flow.ts'
import { modelHash } from '../models/hash.ts'
import { openModel } from '../models/open.ts'
import type { EngineParts } from '../parts.ts'

type Name = 'models.list' | 'models.inspect' | 'models.flow' | 'models.proof' | 'models.prove'

export const modelHandlers = (parts: EngineParts): Pick<EngineHandlers, Name> => {
  const { models, store, processes, settings } = parts
  const subject = async (model: string) => {
    const { card, folder } = models.find(model)
    const hash = await modelHash(folder, card.variant, store)
    return { modelFolder: folder, modelVariant: card.variant, modelHash: hash, threads: settings.threads }
  }
  return {
    'models.list': () => models.list(),
    'models.inspect': ({ model }) => {
      const { card, folder } = models.find(model)
      return { ...openModel(folder, card.variant).inspection, id: card.id }
    },
    'models.flow': ({ model, seconds }) => {
      const { card, folder } = models.find(model)
      return modelFlow(openModel(folder, card.variant), seconds)
    },
    'models.proof': async ({ model }) => store.proof((await subject(model)).modelHash),
    'models.prove': async ({ model }, { signal, part }) => {
      const { card, folder } = models.find(model)
      const memory = await admit(parts, needOfProof(card, folder))
      const proof = await processes.jobs.prove({ ...(await subject(model)), memory }, { signal, onPart: part })
      store.putProof(proof)
      return proof
    },
  }
}

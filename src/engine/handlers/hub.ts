import type { EngineHandlers } from '../../contract/engine.ts'
import { notYet } from './not-yet.ts'

type Name = Extract<keyof EngineHandlers, `hub.${string}`>

export const hubHandlers = (): Pick<EngineHandlers, Name> => ({
  'hub.catalogue': notYet,
  'hub.account': notYet,
  'hub.token': notYet,
  'hub.look': notYet,
  'hub.pull': notYet,
  'hub.discard': notYet,
  'hub.remove': notYet,
  'hub.updates': notYet,
})

import type { EngineHandlers } from '../../contract/engine.ts'
import { notYet } from './not-yet.ts'

type Name = Extract<keyof EngineHandlers, `settings.${string}`>

export const settingsHandlers = (): Pick<EngineHandlers, Name> => ({
  'settings.read': notYet,
  'settings.change': notYet,
})

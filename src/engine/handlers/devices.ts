import type { EngineHandlers } from '../../contract/engine.ts'
import type { EngineParts } from '../parts.ts'
import { notYet } from './not-yet.ts'

type Name = Extract<keyof EngineHandlers, `devices.${string}`>

export const deviceHandlers = ({ devices }: EngineParts): Pick<EngineHandlers, Name> => ({
  'devices.list': () => devices.list(),
  'devices.verdicts': notYet,
  'devices.compare': notYet,
  'devices.libraries': notYet,
  'devices.install': notYet,
  'devices.uninstall': notYet,
})

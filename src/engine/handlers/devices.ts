import type { EngineHandlers } from '../../contract/engine.ts'
import type { EngineParts } from '../parts.ts'
import { notYet } from './not-yet.ts'

type Name = 'devices.list' | 'devices.verdicts' | 'devices.compare'

export const deviceHandlers = ({ devices }: EngineParts): Pick<EngineHandlers, Name> => ({
  'devices.list': () => devices.list(),
  'devices.verdicts': notYet,
  'devices.compare': notYet,
})

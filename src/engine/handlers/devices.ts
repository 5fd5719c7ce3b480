import type { EngineHandlers } from '../../contract/engine.ts'
import { devices, type ProviderId } from '../../contract/run.ts'
import type { EngineParts } from '../parts.ts'
import { notYet } from './not-yet.ts'

type Name = Extract<keyof EngineHandlers, `devices.${string}`>

export const deviceHandlers = ({ processes }: EngineParts): Pick<EngineHandlers, Name> => ({
  'devices.list': async (_input, { signal }) => {
    const cards = []
    for (const id of devices.filter((device): device is ProviderId => device !== 'auto'))
      cards.push(await processes.queries.probe({ id }, { signal }))
    return cards
  },
  'devices.verdicts': notYet,
  'devices.compare': notYet,
  'devices.libraries': notYet,
  'devices.install': notYet,
  'devices.uninstall': notYet,
})

import type { EngineHandlers } from '../../contract/engine.ts'
import { EngineError } from '../../contract/errors.ts'
import { admit, needOfRun } from '../estimate/estimate-memory.ts'
import { modelHash } from '../models/hash.ts'
import type { EngineParts } from '../parts.ts'
import { planRun } from '../run-plan.ts'

type Name = 'devices.list' | 'devices.verdicts' | 'devices.compare'

export const deviceHandlers = (parts: EngineParts): Pick<EngineHandlers, Name> => ({
  'devices.list': ({ again }, { part }) => {
    if (again) parts.devices.forget()
    return parts.devices.list(part)
  },
  'devices.verdicts': async ({ model }) => {
    const { card, folder } = parts.models.find(model)
    return parts.store.verdicts(await modelHash(folder, card.variant, parts.store))
  },
  'devices.compare': async (input, { signal, part }) => {
    if (input.device === 'auto' || input.device === 'cpu')
      throw new EngineError(
        'bad-input',
        'the CPU is what others are compared with: name another device, such as webgpu',
      )
    await parts.sounds.check(input.recording)
    const plan = await planRun(parts, input)
    const memory = await admit(parts, needOfRun(plan))
    const places = await parts.devices.places(input.device)
    return parts.processes.jobs.compare({ ...plan.job, memory, ...places }, { signal, onPart: part })
  },
})

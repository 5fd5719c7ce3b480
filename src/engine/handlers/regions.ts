import type { EngineHandlers } from '../../contract/engine.ts'
import type { RegionsChange } from '../../contract/regions.ts'
import { proposeRegions } from '../audio/propose-regions.ts'
import { zeroCrossing } from '../audio/zero-crossing.ts'
import { createNotices } from '../notices.ts'
import type { EngineParts } from '../parts.ts'

type Name = Extract<keyof EngineHandlers, `regions.${string}`>

/** Regions that a person names, and what helps to find and to place them. */
export const regionHandlers = ({ store, sounds }: EngineParts): Pick<EngineHandlers, Name> => {
  const changes = createNotices<RegionsChange>()
  return {
    'regions.list': ({ recording }) => store.regions(recording),
    'regions.change': ({ recording, put, remove, by }) => {
      store.changeRegions(recording, put, remove)
      changes.publish({ recording, by })
      return null
    },
    'regions.changed': (publish) => changes.subscribe(publish),
    'regions.zeroCrossing': ({ recording, at }, { signal }) => zeroCrossing(sounds, recording, at, signal),
    'regions.propose': (input, context) => proposeRegions(sounds, input, context),
  }
}

import type { EngineHandlers } from '../../contract/engine.ts'
import { EngineError } from '../../contract/errors.ts'
import { checkLibrary, installLibraries, libraryCards, uninstallLibraries } from '../devices/libraries.ts'
import { theseLibraries } from '../devices/libraries-place.ts'
import type { EngineParts } from '../parts.ts'

type Name = 'devices.libraries' | 'devices.install' | 'devices.uninstall'

export const libraryHandlers = ({ devices, processes, leaving, net }: EngineParts): Pick<EngineHandlers, Name> => {
  let busy = false

  /** One change at a time; afterwards new processes find, or miss, what came or went: a process looks only when it starts. */
  const changing = async <T>(library: string, change: () => Promise<T>): Promise<T> => {
    checkLibrary(library)
    await leaving.settled()
    if (busy) throw new EngineError('bad-input', `${library} is being installed or removed already; end that first`)
    busy = true
    try {
      return await change()
    } finally {
      busy = false
      devices.forget()
      processes.releaseJobs()
      processes.releaseQueries()
    }
  }

  return {
    'devices.libraries': () => libraryCards(),
    'devices.install': ({ library }, { signal, part }) =>
      leaving.watch(
        changing(library, () => installLibraries(net, theseLibraries(), { signal, onProgress: part })),
        signal,
      ),
    'devices.uninstall': ({ library }) => changing(library, () => uninstallLibraries(theseLibraries())),
  }
}

import type { EngineNotice } from '../../contract/engine.ts'
import { EngineError } from '../../contract/errors.ts'
import { openStore } from '../store/database.ts'
import { defaultStoreFolder } from '../store/folder.ts'
import type { Store } from '../store/store.ts'
import type { LiveSettings } from './live-settings.ts'

/**
 * The store where the settings want it. A kept folder that cannot be written any more (a disk that is not there) is said, and the
 * system's cache folder serves; one that the command line names is an error, `cannot-write`.
 */
export const openSettledStore = (settings: LiveSettings, publish: (notice: EngineNotice) => void): Store => {
  const { cacheFolder, cacheLimit } = settings.effective
  const say = (message: string): void => publish({ kind: 'cache', message })
  const open = (folder: string): Store => openStore(folder, { limitBytes: cacheLimit, onNotice: say })
  let store: Store
  try {
    store = open(cacheFolder ?? defaultStoreFolder())
  } catch (error) {
    const isKept = cacheFolder !== null && !settings.overruled.includes('cacheFolder')
    if (!isKept || !(error instanceof EngineError) || error.code !== 'cannot-write') throw error
    say(`${error.message}; until then results are stored in ${defaultStoreFolder()}`)
    store = open(defaultStoreFolder())
  }
  settings.onChange((now, before) => {
    if (now.cacheLimit !== before.cacheLimit) store.setLimit(now.cacheLimit)
  })
  return store
}

/** Makes a store in `folder` and lets it know the imported models of `current`. Throws `cannot-write` where it cannot be. */
export const prepareStore = (folder: string, current: Store): void => {
  const store = openStore(folder)
  try {
    const known = new Set(store.importedModels().map(({ id }) => id))
    for (const { id, folder: model } of current.importedModels()) if (!known.has(id)) store.importModel(id, model)
  } finally {
    store.close()
  }
}

import { resolve } from 'node:path'
import type { EngineHandlers } from '../../contract/engine.ts'
import type { HostHandlers } from '../../contract/host.ts'
import type { Settings } from '../../contract/settings.ts'
import type { EngineParts } from '../parts.ts'
import { settingsCard } from '../settings/settings-card.ts'
import { prepareStore } from '../settings/settled-store.ts'

type Name = Extract<keyof EngineHandlers, `settings.${string}`>

const keep = (parts: EngineParts, change: Partial<Settings>) => {
  parts.settings.change(change)
  parts.notices.publish({ kind: 'settings', message: '' })
  return settingsCard(parts)
}

export const settingsHandlers = (parts: EngineParts): Pick<EngineHandlers, Name> => ({
  'settings.read': () => {
    parts.settings.refresh()
    return settingsCard(parts)
  },
  'settings.change': (change) => keep(parts, change as Partial<Settings>),
})

/** The setting that is a path. */
export const settingsHostHandlers = (parts: EngineParts): Pick<HostHandlers, 'settings.cacheFolder'> => ({
  'settings.cacheFolder': ({ path }) => {
    const cacheFolder = path === null ? null : resolve(path)
    if (cacheFolder !== null) prepareStore(cacheFolder, parts.store)
    return keep(parts, { cacheFolder })
  },
})

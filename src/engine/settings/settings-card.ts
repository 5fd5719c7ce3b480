import { availableParallelism } from 'node:os'
import type { SettingsCard } from '../../contract/settings.ts'
import { machineMemory } from '../estimate/free-memory.ts'
import type { EngineParts } from '../parts.ts'
import { defaultStoreFolder } from '../store/folder.ts'

type Parts = Pick<EngineParts, 'settings' | 'store' | 'processes'>

export const settingsCard = async (parts: Parts): Promise<SettingsCard> => {
  const { settings, store } = parts
  const [machine, memoryLimit] = [await machineMemory(), await usableMemory(parts)]
  return {
    settings: settings.kept,
    effective: { threads: settings.threads, memoryLimit, cacheFolder: store.folder },
    machine: { cores: availableParallelism(), memory: machine.total, free: machine.free },
    overruled: settings.overruled,
    notes: notes(parts),
  }
}

/** Bytes that a run may use: the limit that holds, else what is free and what our own processes hold already. */
export const usableMemory = async ({ settings, processes }: Pick<Parts, 'settings' | 'processes'>): Promise<number> => {
  const { memoryLimit } = settings.effective
  if (memoryLimit !== null) return memoryLimit
  const [{ free }, held] = await Promise.all([machineMemory(), processes.heldBytes()])
  return free + held.jobs + held.queries
}

const notes = ({ settings, store }: Parts): string[] => {
  const wanted = settings.kept.cacheFolder ?? defaultStoreFolder()
  const moves = wanted !== store.folder && !settings.overruled.includes('cacheFolder')
  return [
    ...(settings.notice ? [settings.notice] : []),
    ...(moves ? [`results are stored in ${wanted} from the next start on; until then in ${store.folder}`] : []),
  ]
}

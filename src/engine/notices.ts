import type { EngineNotice } from '../contract/engine.ts'
import type { EngineParts } from './parts.ts'

/** Notices to every page that listens. */
export const createNotices = (): EngineParts['notices'] => {
  const listeners = new Set<(notice: EngineNotice) => void>()
  return {
    publish: (notice) => {
      for (const listener of listeners) listener(notice)
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

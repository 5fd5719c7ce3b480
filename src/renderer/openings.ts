import { shallowRef } from 'vue'
import type { Opening } from '../contract/opening.ts'
import { engine, onConnected } from './engine.ts'
import { useNotices } from './stores/notices.ts'
import { useWorkspace } from './stores/workspace.ts'

/** Files that are being opened for the first time, as far as the engine has read them. */
export const openings = shallowRef<Opening[]>([])

/** Follows them on every connection; returns the way to stop. */
export const followOpenings = (): (() => void) =>
  onConnected(() => {
    openings.value = []
    engine['recordings.opening']((list) => (openings.value = list))
  })

export const cancelOpening = (opening: number): void =>
  void engine['recordings.cancelOpening']({ opening }).catch((error: unknown) => useNotices().fail(error))

/** The column that the next recording takes: the first empty one, else the active one. */
export const columnOfNext = (): number => {
  const { columns, active } = useWorkspace()
  const empty = columns.indexOf(null)
  return empty >= 0 ? empty : active
}

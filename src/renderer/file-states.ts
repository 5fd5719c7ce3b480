import { shallowRef } from 'vue'
import type { FileState } from '../contract/file-state.ts'
import { engine, onConnected } from './engine.ts'
import { useNotices } from './stores/notices.ts'

/** What became of the files of the open recordings: looked at whenever the window is come back to. */
export const fileStates = shallowRef<FileState[]>([])

export const stateOfFile = (recording: string | null): FileState | null =>
  fileStates.value.find((state) => state.recording === recording && state.state !== 'here') ?? null

const look = async (): Promise<void> => {
  try {
    fileStates.value = await engine['recordings.look']({})
  } catch (error) {
    useNotices().fail(error)
  }
}

/** Returns the way to stop. */
export const followFiles = (): (() => void) => {
  const looked = (): void => void look()
  window.addEventListener('focus', looked)
  const stop = onConnected(looked)
  return () => {
    window.removeEventListener('focus', looked)
    stop()
  }
}

import { readdirSync } from 'node:fs'
import { constants, setPriority } from 'node:os'

const { PRIORITY_NORMAL, PRIORITY_BELOW_NORMAL } = constants.priority

/**
 * Lets a process step back behind others, or stand beside them again. False where the system refuses: Linux lets nobody but root take
 * back a step, and a process that has just ended cannot be changed.
 */
export const prioritise = (pid: number, background: boolean): boolean => {
  try {
    for (const id of threadsOf(pid)) setPriority(id, background ? PRIORITY_BELOW_NORMAL : PRIORITY_NORMAL)
    return true
  } catch {
    return false
  }
}

/** On Linux a priority belongs to a thread; elsewhere to the whole process. */
const threadsOf = (pid: number): number[] =>
  process.platform === 'linux' ? readdirSync(`/proc/${pid}/task`).map(Number) : [pid]

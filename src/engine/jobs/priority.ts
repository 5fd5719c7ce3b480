import { readdirSync } from 'node:fs'
import { constants, getPriority, setPriority } from 'node:os'

/**
 * Lets a process step back behind others, or stand where this one does again. False where the system refuses: Linux lets nobody but root take
 * back a step, and a process that has just ended cannot be changed.
 */
export const prioritise = (pid: number, background: boolean): boolean => {
  try {
    // this program itself may have been started further back
    const ours = getPriority()
    const priority = background ? Math.max(ours, constants.priority.PRIORITY_BELOW_NORMAL) : ours
    for (const id of threadsOf(pid)) setPriority(id, priority)
    return true
  } catch {
    return false
  }
}

/** On Linux a priority belongs to a thread; elsewhere to the whole process. */
const threadsOf = (pid: number): number[] =>
  process.platform === 'linux' ? readdirSync(`/proc/${pid}/task`).map(Number) : [pid]

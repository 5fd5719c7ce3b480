import { readFileSync } from 'node:fs'

/** What a process holds in memory, now or at its `peak`, as Linux tells about any process; null elsewhere and for one that is gone. */
export const residentBytes = (pid: number | undefined, peak = false): number | null => {
  if (process.platform !== 'linux' || pid === undefined) return null
  try {
    const kilobytes = new RegExp(`^${peak ? 'VmHWM' : 'VmRSS'}:\\s+(\\d+) kB`, 'm').exec(
      readFileSync(`/proc/${pid}/status`, 'utf8'),
    )?.[1]
    return kilobytes === undefined ? null : Number(kilobytes) * 1024
  } catch {
    return null
  }
}

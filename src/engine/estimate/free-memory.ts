import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { freemem, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

/**
 * What this machine has, and what programs may still take of it without pushing others out; bytes. Node's own
 * `process.availableMemory()` is not used: in a container it counts cached files as taken (a model that was just downloaded fills
 * it), it looks at the innermost group alone, and on macOS it leaves out all memory that is taken back on demand.
 */
export interface MachineMemory {
  total: number
  free: number
}

export const machineMemory = async (): Promise<MachineMemory> => {
  if (process.platform === 'linux') return linuxMemory()
  // ullAvailPhys on Windows: what is cached is in it
  return { total: totalmem(), free: process.platform === 'darwin' ? await freeOnMac() : freemem() }
}

/** MemAvailable of /proc/meminfo, or what control groups leave where that is less. `root` stands for `/`. */
export const linuxMemory = (root = '/'): MachineMemory => {
  const meminfo = read(join(root, 'proc/meminfo')) ?? ''
  const kilobytes = (key: string): number => Number(new RegExp(`^${key}:\\s+(\\d+) kB`, 'm').exec(meminfo)?.[1] ?? NaN)
  const system = {
    total: kilobytes('MemTotal') * 1024 || totalmem(),
    free: kilobytes('MemAvailable') * 1024 || freemem(),
  }
  const groups = groupFolders(root).flatMap((folder) => groupMemory(folder) ?? [])
  return {
    total: Math.min(system.total, ...groups.map(({ total }) => total)),
    free: Math.min(system.free, ...groups.map(({ free }) => free)),
  }
}

/** This process's groups with those above them: any of them may set a limit. */
const groupFolders = (root: string): string[] =>
  (read(join(root, 'proc/self/cgroup')) ?? '').split('\n').flatMap((line) => {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
    if (path === undefined || (controllers !== '' && controllers !== 'memory')) return []
    const mount = join(root, 'sys/fs/cgroup', controllers === 'memory' ? 'memory' : '')
    const folders = [mount]
    for (let folder = join(mount, path); folder.length > mount.length; folder = dirname(folder)) folders.push(folder)
    return folders
  })

/** Files of version 2 or 1; null without a limit. What it holds of files that nobody has used lately is given up on demand. */
const groupMemory = (folder: string): MachineMemory | null => {
  if (!existsSync(folder)) return null
  const number = (...names: string[]): number =>
    Number(names.map((name) => read(join(folder, name))).find((text) => text !== null) ?? NaN)
  const total = number('memory.max', 'memory.limit_in_bytes')
  const used = number('memory.current', 'memory.usage_in_bytes')
  if (!(total > 0 && used >= 0)) return null
  const cached = Number(/^(?:total_)?inactive_file (\d+)$/m.exec(stat(folder))?.[1] ?? 0)
  return { total, free: Math.max(0, total - used + cached) }
}

/** Version 1 counts the groups below in lines of their own, which come first here. */
const stat = (folder: string): string =>
  (read(join(folder, 'memory.stat')) ?? '').split('\n').toSorted().toReversed().join('\n')

const read = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

const freeOnMac = async (): Promise<number> => {
  const found = await promisify(execFile)('/usr/bin/vm_stat').catch(() => null)
  return (found && vmStatBytes(found.stdout)) ?? freemem()
}

/** Pages that are free, or given up as soon as somebody asks, from the output of macOS's `vm_stat`; null where that is something else. */
export const vmStatBytes = (text: string): number | null => {
  const page = Number(/page size of (\d+) bytes/.exec(text)?.[1] ?? NaN)
  const pages = ['free', 'inactive', 'speculative', 'purgeable'].map((kind) =>
    Number(new RegExp(`Pages ${kind}:\\s+(\\d+)`).exec(text)?.[1] ?? NaN),
  )
  const bytes = page * pages.reduce((sum, count) => sum + count, 0)
  return Number.isFinite(bytes) ? bytes : null
}

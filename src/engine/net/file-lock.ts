import { randomUUID } from 'node:crypto'
import { linkSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

/** Held until disposed of, or until the process dies. */
export interface FileLock extends Disposable {
  /** false where another process believed this one dead, as it may after a long stop */
  held(): boolean
}

export interface LockOptions {
  onWait?: (pid: number) => void
  signal?: AbortSignal | undefined
  /** a holder that cannot be asked for being alive, and has not touched its lock while it was watched for so long, is dead */
  silentMs?: number
}

interface Holder {
  pid: number
  host: string
  id: string
}

const beatMs = 2000
const deadMs = 15_000
const pollMs = 100

/**
 * Makes `path` as a sign that this process works on something, and waits while another's is there; `onWait` is told its process id,
 * every time it has been looked at. The lock of a process that has died is taken over. Throws `signal`'s reason.
 */
export const lockFile = async (
  path: string,
  { onWait, signal, silentMs = deadMs }: LockOptions = {},
): Promise<FileLock> => {
  const own: Holder = { pid: process.pid, host: hostname(), id: randomUUID() }
  const watched = { text: '', touched: 0, since: 0 }
  for (;;) {
    signal?.throwIfAborted()
    if (make(path, own)) return keep(path, own)
    const text = read(path)
    if (text === null) continue // let go of meanwhile
    const holder = parse(text)
    const touched = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
    if (text !== watched.text || touched !== watched.touched)
      Object.assign(watched, { text, touched, since: performance.now() })
    if (isDead(holder) || performance.now() - watched.since > silentMs) remove(path, text, own.id)
    else {
      onWait?.(holder?.pid ?? 0)
      await sleep(pollMs, undefined, signal ? { signal } : {})
    }
  }
}

/** The process that holds `path` now; null where nobody does, or its holder has died. */
export const holderOf = (path: string): number | null => {
  const text = read(path)
  if (text === null) return null
  const holder = parse(text)
  const touched = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
  return isDead(holder) || Date.now() - touched > deadMs ? null : (holder?.pid ?? 0)
}

const make = (path: string, own: Holder): boolean => {
  try {
    writeFileSync(path, JSON.stringify(own), { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

const keep = (path: string, own: Holder): FileLock => {
  const held = (): boolean => parse(read(path) ?? '')?.id === own.id
  const beat = setInterval(() => {
    const now = new Date()
    try {
      if (held()) utimesSync(path, now, now)
    } catch {
      // the next beat may succeed; where none does others take over, and `held` says so
    }
  }, beatMs)
  beat.unref()
  return {
    held,
    [Symbol.dispose]: () => {
      clearInterval(beat)
      if (held()) rmSync(path, { force: true })
    },
  }
}

const read = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** null where its maker has not written it yet, or died before it did */
const parse = (text: string): Holder | null => {
  try {
    return JSON.parse(text) as Holder
  } catch {
    return null
  }
}

/** Only a process of this machine can be asked. */
const isDead = (holder: Holder | null): boolean => {
  if (holder?.host !== hostname()) return false
  try {
    process.kill(holder.pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

/** Takes a dead process's lock away, unless somebody else has done so meanwhile and `path` is theirs: then it is put back. */
const remove = (path: string, dead: string, id: string): void => {
  const aside = `${path}.${id}`
  try {
    renameSync(path, aside)
    if (readFileSync(aside, 'utf8') !== dead) linkSync(aside, path)
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (!['ENOENT', 'EEXIST'].includes(code)) throw error
  } finally {
    rmSync(aside, { force: true })
  }
}

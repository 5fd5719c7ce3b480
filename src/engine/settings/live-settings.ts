import { availableParallelism } from 'node:os'
import type { Settings } from '../../contract/settings.ts'
import { changeSettings, readSettings } from './settings-file.ts'

/** Settings that a command line or the environment gives: they win while this program runs. */
export type Overrides = Partial<Settings>

/** What holds: the file's settings under what overrules them. Read anew at every use; a value taken earlier may be out of date. */
export interface LiveSettings {
  /** as the file has them */
  readonly kept: Settings
  readonly effective: Settings
  /** of a run */
  readonly threads: number
  readonly overruled: (keyof Settings)[]
  /** why the defaults hold, where the file was damaged; else empty */
  readonly notice: string
  /** looks whether another program changed the file */
  refresh(): void
  /** keeps the given fields. Throws `cannot-write`, `bad-input` */
  change(change: Partial<Settings>): void
  /** hears what holds whenever it became something else, and what held before */
  onChange(listener: (now: Settings, before: Settings) => void): void
}

/** As many as there are cores, at most eight: beyond that a single clip gains nothing. */
const threadsHere = (): number => Math.min(8, availableParallelism())

export const createSettings = (folder: string, overrides: Overrides = {}): LiveSettings => {
  const given = Object.fromEntries(Object.entries(overrides).filter(([, value]) => value !== undefined)) as Overrides
  const listeners: ((now: Settings, before: Settings) => void)[] = []
  let { settings: kept, notice } = readSettings(folder)
  const effective = (): Settings => ({ ...kept, ...given })

  const hold = (file: { settings: Settings; notice: string }): void => {
    const before = effective()
    kept = file.settings
    // what went wrong stays said: reading again finds nothing wrong with a file that is gone
    notice ||= file.notice
    if (JSON.stringify(effective()) === JSON.stringify(before)) return
    for (const listener of listeners) listener(effective(), before)
  }

  return {
    get kept() {
      return kept
    },
    get effective() {
      return effective()
    },
    get threads() {
      return effective().threads ?? threadsHere()
    },
    overruled: Object.keys(given) as (keyof Settings)[],
    get notice() {
      return notice
    },
    refresh: () => hold(readSettings(folder)),
    change: (change) => hold(changeSettings(folder, change)),
    onChange: (listener) => void listeners.push(listener),
  }
}

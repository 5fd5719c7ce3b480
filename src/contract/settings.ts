import { z } from 'zod'

/** What the person decided about this machine; kept in the system's settings folder. */
export const Settings = z.object({
  /** CPU threads of a run; null: as many as there are cores, at most eight */
  threads: z.number().int().min(1).max(256).nullable().default(null),
  /** bytes that models and runs may use; null: what the system has free */
  memoryLimit: z.number().int().min(100e6).nullable().default(null),
  /** bytes of stored results, the least recently used go first */
  cacheLimit: z.number().int().min(10e6).default(4e9),
  /** where results are stored; null: the system's cache folder */
  cacheFolder: z.string().nullable().default(null),
  /** runs step back when other programs want the processor */
  background: z.boolean().default(false),
  /** models are released after this long without a question */
  idleMinutes: z.number().positive().max(1440).default(5),
})
export type Settings = z.output<typeof Settings>

/** What a page may change: no call takes a path. */
export const SettingsChange = z.object({
  threads: Settings.shape.threads.unwrap().optional(),
  memoryLimit: Settings.shape.memoryLimit.unwrap().optional(),
  cacheLimit: Settings.shape.cacheLimit.unwrap().optional(),
  background: Settings.shape.background.unwrap().optional(),
  idleMinutes: Settings.shape.idleMinutes.unwrap().optional(),
})
export type SettingsChange = z.output<typeof SettingsChange>

export interface SettingsCard {
  settings: Settings
  /** what holds now, after the command line's own flags: those win while this program runs */
  effective: { threads: number; memoryLimit: number; cacheFolder: string }
  machine: { cores: number; memory: number; free: number }
  /** names of settings that this command line has overruled */
  overruled: (keyof Settings)[]
  /** sentences such as "the new place is used from the next start on" */
  notes: string[]
}

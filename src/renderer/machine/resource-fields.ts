import { SettingsChange, type SettingsCard } from '../../contract/settings.ts'

/** The numbers about this machine that a person may change: what a field shows, and what a person typed. */

export type ResourceName = 'threads' | 'memoryLimit' | 'cacheLimit' | 'idleMinutes'

export interface ResourceField {
  name: ResourceName
  label: string
  unit: string
  /** what one of the unit is in the setting */
  scale: number
  /** an empty field means that Otoscope chooses */
  mayBeEmpty: boolean
  /** what a value must be, as a sentence */
  rule: string
}

export const resourceFields: readonly ResourceField[] = [
  {
    name: 'threads',
    label: 'threads of a run',
    unit: 'CPU threads',
    scale: 1,
    mayBeEmpty: true,
    rule: 'Threads are a whole number from 1 to 256; leave it empty to let Otoscope choose.',
  },
  {
    name: 'memoryLimit',
    label: 'memory limit',
    unit: 'GB',
    scale: 1e9,
    mayBeEmpty: true,
    rule: 'The memory limit is at least 0.1 GB; leave it empty to use what the system has free.',
  },
  {
    name: 'cacheLimit',
    label: 'cache size',
    unit: 'GB',
    scale: 1e9,
    mayBeEmpty: false,
    rule: 'The cache size is at least 0.01 GB.',
  },
  {
    name: 'idleMinutes',
    label: 'release models after',
    unit: 'idle minutes',
    scale: 1,
    mayBeEmpty: false,
    rule: 'Idle minutes are more than 0 and at most 1440, which is a day.',
  },
]

/** What a field shows for a setting. */
export const fieldText = ({ name, scale }: ResourceField, { settings }: SettingsCard): string => {
  const value = settings[name]
  return value === null ? '' : String(Number((value / scale).toPrecision(6)))
}

/** The change a typed text asks for, or why it cannot be. */
export const readField = (field: ResourceField, text: string): { change: SettingsChange } | { problem: string } => {
  const typed = text.trim().replace(',', '.')
  if (typed === '' && !field.mayBeEmpty) return { problem: field.rule }
  const number = Number(typed) * field.scale
  // bytes are whole
  const value = typed === '' ? null : field.scale > 1 ? Math.round(number) : number
  const read = SettingsChange.safeParse({ [field.name]: value })
  return read.success ? { change: read.data } : { problem: field.rule }
}

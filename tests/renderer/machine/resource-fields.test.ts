import { describe, expect, it } from 'vitest'
import { Settings, type SettingsCard } from '../../../src/contract/settings.ts'
import {
  fieldText,
  readField,
  resourceFields,
  type ResourceName,
} from '../../../src/renderer/machine/resource-fields.ts'

const field = (name: ResourceName) => resourceFields.find((one) => one.name === name)!
const cardOf = (settings: Partial<Settings>): SettingsCard => ({
  settings: { ...Settings.parse({}), ...settings },
  effective: { threads: 2, memoryLimit: 8e9, cacheFolder: '/cache' },
  machine: { cores: 2, memory: 16e9, free: 8e9 },
  overruled: [],
  notes: [],
})

describe('the fields of the machine panel', () => {
  it('show settings in their unit, empty where Otoscope chooses', () => {
    expect(fieldText(field('cacheLimit'), cardOf({}))).toBe('4')
    expect(fieldText(field('memoryLimit'), cardOf({ memoryLimit: 1.5e9 }))).toBe('1.5')
    expect(fieldText(field('threads'), cardOf({}))).toBe('')
  })
  it('read what is typed', () => {
    expect(readField(field('threads'), ' 4 ')).toEqual({ change: { threads: 4 } })
    expect(readField(field('threads'), '')).toEqual({ change: { threads: null } })
    expect(readField(field('memoryLimit'), '2.5')).toEqual({ change: { memoryLimit: 2_500_000_000 } })
    expect(readField(field('cacheLimit'), '0,5')).toEqual({ change: { cacheLimit: 500_000_000 } })
    expect(readField(field('idleMinutes'), '0.5')).toEqual({ change: { idleMinutes: 0.5 } })
  })
  it('refuse what no setting can be, with the rule', () => {
    for (const [name, text] of [
      ['threads', '1.5'],
      ['threads', '0'],
      ['threads', '257'],
      ['threads', 'many'],
      ['memoryLimit', '0.05'],
      ['cacheLimit', ''],
      ['cacheLimit', '0.001'],
      ['idleMinutes', '0'],
      ['idleMinutes', '1441'],
    ] as const)
      expect(readField(field(name), text), `${name} ${text}`).toEqual({ problem: field(name).rule })
  })
})

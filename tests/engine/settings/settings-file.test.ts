import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Settings } from '../../../src/contract/settings.ts'
import { changeSettings, readSettings } from '../../../src/engine/settings/settings-file.ts'
import { testNeeding } from '../../support/needs.ts'

let folder = ''
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'otoscope-settings-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const path = (): string => join(folder, 'settings.json')
const defaults = Settings.parse({})

describe('settings', () => {
  test('are the defaults where nobody set any, and no file is made by reading', () => {
    expect(readSettings(join(folder, 'none'))).toEqual({ settings: defaults, notice: '' })
    expect(existsSync(join(folder, 'none'))).toBe(false)
  })

  test('are read as they were changed, in a folder that is made for them', () => {
    const deep = join(folder, 'a', 'b')
    changeSettings(deep, { threads: 4, background: true })
    expect(changeSettings(deep, { threads: null }).settings).toEqual({ ...defaults, background: true })
    expect(readSettings(deep)).toEqual({ settings: { ...defaults, background: true }, notice: '' })
    expect(readdirSync(deep)).toEqual(['settings.json'])
  })

  test('hold only what was set, so that a later version may have other defaults', () => {
    changeSettings(folder, { idleMinutes: 2 })
    expect(JSON.parse(readFileSync(path(), 'utf8'))).toEqual({ idleMinutes: 2 })
  })

  test('of a later version survive a change', () => {
    writeFileSync(path(), JSON.stringify({ threads: 3, invented: { later: true } }))
    changeSettings(folder, { background: true })
    expect(JSON.parse(readFileSync(path(), 'utf8'))).toEqual({
      threads: 3,
      invented: { later: true },
      background: true,
    })
  })

  test('stay behind the link that somebody keeps them behind', () => {
    const kept = join(folder, 'kept.json')
    writeFileSync(kept, '{}')
    symlinkSync(kept, path())
    changeSettings(folder, { threads: 2 })
    expect(JSON.parse(readFileSync(kept, 'utf8'))).toEqual({ threads: 2 })
  })
})

describe('a file that is no settings', () => {
  const damaged: Record<string, string> = {
    'is not JSON': '{ threads: 4',
    'is empty': '',
    'is a list': '[1, 2]',
    'has words for numbers': '{ "threads": "many" }',
    'has huge numbers': '{ "threads": 1e300 }',
    'has numbers below the least': '{ "cacheLimit": -1 }',
    'is very long': JSON.stringify({ invented: 'x'.repeat(100_000) }),
  }
  for (const [what, text] of Object.entries(damaged))
    test(`because it ${what} is kept aside, and the defaults hold`, () => {
      writeFileSync(path(), text)
      const { settings, notice } = readSettings(folder)
      expect(settings).toEqual(defaults)
      expect(notice).toMatch(/^the settings in .* are damaged \(.+\): the defaults hold; the file is kept as /)
      const [aside = ''] = readdirSync(folder)
      expect(aside).toMatch(/^settings\.json\.damaged-/)
      expect(readFileSync(join(folder, aside), 'utf8')).toBe(text)
      expect(readSettings(folder).notice).toBe('')
    })

  test('a folder in its place is kept aside too', () => {
    mkdirSync(path())
    expect(readSettings(folder).notice).toMatch(/it is no file.*kept as/)
    expect(changeSettings(folder, { threads: 2 }).settings.threads).toBe(2)
  })

  test('a pipe in its place is not waited for', () => {
    if (spawnSync('mkfifo', [path()]).status !== 0) return
    expect(readSettings(folder).notice).toMatch(/it is no file/)
  })

  test('is said once more by a change that replaces it', () => {
    writeFileSync(path(), 'nonsense')
    const { settings, notice } = changeSettings(folder, { threads: 2 })
    expect(settings).toEqual({ ...defaults, threads: 2 })
    expect(notice).toMatch(/not JSON/)
  })
})

describe('misuse', () => {
  test('a value outside the schema is refused, and the file stays what it was', () => {
    changeSettings(folder, { threads: 2 })
    expect(() => changeSettings(folder, { threads: 0 })).toThrow(/the settings are refused: threads: /)
    expect(readSettings(folder).settings.threads).toBe(2)
  })

  test('a place that cannot be written says so, and is read as if it were empty', () => {
    const file = join(folder, 'file')
    writeFileSync(file, '')
    expect(readSettings(file)).toMatchObject({ settings: defaults, notice: expect.stringMatching(/ENOTDIR/) })
    expect(() => changeSettings(file, { threads: 2 })).toThrow(
      expect.objectContaining({ code: 'cannot-write', message: expect.stringMatching(/settings cannot be written/) }),
    )
    expect(() => changeSettings('/proc/otoscope', { threads: 2 })).toThrow(
      expect.objectContaining({ code: 'cannot-write' }),
    )
  })

  testNeeding('ordinary user')('a file that may not be read leaves the defaults, and is not lost', () => {
    changeSettings(folder, { threads: 2 })
    chmodSync(path(), 0)
    expect(readSettings(folder)).toMatchObject({ settings: defaults, notice: expect.stringMatching(/EACCES/) })
    chmodSync(path(), 0o600)
    expect(readSettings(folder).settings.threads).toBe(2)
  })
})

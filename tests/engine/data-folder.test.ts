import { join } from 'node:path'
import { expect, test } from 'vitest'
import { defaultDataFolder } from '../../src/engine/data-folder.ts'

test("the data folder is the system's own, and OTOSCOPE_DATA names another", () => {
  const home = join('/home', 'me')
  expect(defaultDataFolder('linux', {}, home)).toBe(join(home, '.local', 'share', 'otoscope'))
  expect(defaultDataFolder('linux', { XDG_DATA_HOME: '/data' }, home)).toBe(join('/data', 'otoscope'))
  expect(defaultDataFolder('darwin', {}, home)).toBe(join(home, 'Library', 'Application Support', 'otoscope'))
  expect(defaultDataFolder('win32', { LOCALAPPDATA: '/local' }, home)).toBe(join('/local', 'Otoscope'))
  expect(defaultDataFolder('linux', { OTOSCOPE_DATA: '/elsewhere', XDG_DATA_HOME: '/data' }, home)).toBe('/elsewhere')
})

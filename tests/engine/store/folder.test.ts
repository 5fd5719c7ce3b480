import { join } from 'node:path'
import { expect, test } from 'vitest'
import { defaultStoreFolder } from '../../../src/engine/store/folder.ts'

test.for([
  ['linux', {}, join('/home/x', '.cache', 'otoscope')],
  ['linux', { XDG_CACHE_HOME: '/caches' }, join('/caches', 'otoscope')],
  ['darwin', { XDG_CACHE_HOME: '/caches' }, join('/home/x', 'Library', 'Caches', 'otoscope')],
  ['win32', { LOCALAPPDATA: '/local' }, join('/local', 'Otoscope', 'Cache')],
  ['win32', {}, join('/home/x', 'AppData', 'Local', 'Otoscope', 'Cache')],
] as const)('the cache folder on %s with %o is %s', ([platform, env, folder]) => {
  expect(defaultStoreFolder(platform, env, '/home/x')).toBe(folder)
})

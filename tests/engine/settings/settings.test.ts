import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { constants, getPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { EngineNotice } from '../../../src/contract/engine.ts'
import { Settings } from '../../../src/contract/settings.ts'
import { createEngine, type Engine, type EngineOptions } from '../../../src/engine/index.ts'
import { resource } from '../../../src/engine/paths.ts'
import { defaultSettingsFolder } from '../../../src/engine/settings/folder.ts'
import { environmentOverrides } from '../../../src/engine/settings/overrides.ts'
import { parseBytes } from '../../../src/engine/settings/parse-bytes.ts'
import { defaultStoreFolder } from '../../../src/engine/store/folder.ts'
import { exampleRun } from '../store/example-run.ts'
import { starters } from '../../support/models.ts'

let folder = ''
const engines: Engine[] = []
const notices: EngineNotice[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'otoscope-live-'))
  notices.length = 0
})
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close()
  rmSync(folder, { recursive: true, force: true })
})
const place = (name: string): string => join(folder, name)
const open = async (options: Partial<EngineOptions> = {}): Promise<Engine> => {
  const engine = await createEngine({
    settingsFolder: place('settings'),
    cacheFolder: place('cache'),
    host: 'a test',
    onNotice: (notice) => notices.push(notice),
    ...options,
  })
  engines.push(engine)
  return engine
}
const calls = (engine: Engine) => engine.client.engine

describe('settings of an engine', () => {
  test('hold at once, are kept, and are published to every page', async () => {
    const engine = await open()
    const card = await calls(engine)['settings.change']({ threads: 3, idleMinutes: 2 })
    expect(card.settings).toMatchObject({ threads: 3, idleMinutes: 2 })
    expect(card.effective).toMatchObject({ threads: 3, cacheFolder: place('cache') })
    expect(card.machine.cores).toBeGreaterThan(0)
    expect(card.machine.free).toBeLessThanOrEqual(card.machine.memory)
    expect(notices).toContainEqual({ kind: 'settings', message: '' })
    expect((await calls(engine)['system.card']({})).threads).toBe(3)
    const later = await open({ cacheFolder: place('other') })
    expect((await calls(later)['settings.read']({})).settings).toEqual(card.settings)
  })

  test('give the next run its threads', async () => {
    const engine = await open()
    const { id } = await engine.client.host['files.open']({ path: resource('recordings', 'voice.wav') })
    for (const threads of [1, 2]) {
      await calls(engine)['settings.change']({ threads })
      const model = starters.wav2vec2
      const run = await calls(engine)['runs.start']({ recording: id, region: [0, threads], model })
      expect(run.threads).toBe(threads)
    }
  })

  test('that another program changes are seen by the next look, and each keeps the other’s', async () => {
    const [first, second] = [await open(), await open({ cacheFolder: place('other') })]
    await calls(first)['settings.change']({ threads: 3 })
    await calls(second)['settings.change']({ background: true })
    expect((await calls(first)['settings.read']({})).settings).toMatchObject({ threads: 3, background: true })
  })

  test('let the processes step back', async () => {
    const engine = await open()
    await calls(engine)['settings.change']({ background: true })
    const { id } = await engine.client.host['files.open']({ path: resource('recordings', 'voice.wav') })
    await calls(engine)['runs.start']({ recording: id, region: [0, 1], model: starters.wav2vec2 })
    const { jobs } = (await calls(engine)['system.card']({})).processes
    expect(getPriority(jobs!)).toBeGreaterThanOrEqual(constants.priority.PRIORITY_BELOW_NORMAL)
  })
})

describe('what is stored', () => {
  const tap = {
    tap: 'logits',
    tensor: { dtype: 'float32' as const, shape: [2_000_000], axes: ['label'], data: new Float32Array(2_000_000) },
  }

  test('shrinks to a smaller limit as soon as that is set', async () => {
    const engine = await open()
    for (const id of ['a', 'b', 'c']) engine.store.putRun(exampleRun(id), [tap])
    expect(engine.store.stats()).toMatchObject({ runs: 3, limit: 4e9 })
    await calls(engine)['settings.change']({ cacheLimit: 10e6 })
    expect(engine.store.stats()).toMatchObject({ runs: 1, limit: 10e6 })
    expect((await calls(engine)['system.card']({})).cache.limit).toBe(10e6)
  })

  /** as a person starts it: nothing is overruled */
  const openKept = async (cacheFolder: string | null): Promise<Engine> => {
    mkdirSync(place('settings'), { recursive: true })
    writeFileSync(join(place('settings'), 'settings.json'), JSON.stringify({ cacheFolder }))
    const engine = await createEngine({
      settingsFolder: place('settings'),
      host: 'a test',
      onNotice: (notice) => notices.push(notice),
    })
    engines.push(engine)
    return engine
  }

  test('goes to another place from the next start on, where imported models are known too', async () => {
    const engine = await openKept(place('old'))
    engine.store.importModel('mine', '/somewhere/mine')
    const { settings, effective, notes } = await engine.client.host['settings.cacheFolder']({ path: place('new') })
    expect(settings.cacheFolder).toBe(place('new'))
    expect([effective.cacheFolder, engine.store.folder]).toEqual([place('old'), place('old')])
    expect(notes).toEqual([
      `results are stored in ${place('new')} from the next start on; until then in ${place('old')}`,
    ])
    const later = await createEngine({ settingsFolder: place('settings'), host: 'a test' })
    engines.push(later)
    expect(later.store.folder).toBe(place('new'))
    expect(later.store.importedModels()).toEqual([{ id: 'mine', folder: '/somewhere/mine' }])
    expect((await calls(later)['settings.read']({})).notes).toEqual([])
  })

  test('does not go where nothing can be written, which is said before it is kept', async () => {
    const engine = await open()
    const file = place('file')
    writeFileSync(file, '')
    const change = engine.client.host['settings.cacheFolder']({ path: join(file, 'in') })
    await expect(change).rejects.toMatchObject({ code: 'cannot-write' })
    expect((await calls(engine)['settings.read']({})).settings.cacheFolder).toBeNull()
  })

  test('goes to the system’s folder where a kept one is gone, and says so', async () => {
    for (const name of ['XDG_CACHE_HOME', 'LOCALAPPDATA', 'HOME']) vi.stubEnv(name, place('system'))
    writeFileSync(place('disk'), '')
    const engine = await openKept(join(place('disk'), 'gone'))
    expect(engine.store.folder).toBe(defaultStoreFolder())
    expect(notices).toEqual([
      { kind: 'cache', message: expect.stringMatching(/cannot be written.*until then.*system/) },
    ])
    vi.unstubAllEnvs()
  })
})

describe('what a command line gives', () => {
  test('overrules what is kept, for as long as it runs', async () => {
    const engine = await open({ threads: 5, memoryLimit: 123e6 })
    const card = await calls(engine)['settings.change']({ threads: 2 })
    expect(card.settings.threads).toBe(2)
    expect(card.effective).toMatchObject({ threads: 5, memoryLimit: 123e6 })
    expect(card.overruled.toSorted()).toEqual(['cacheFolder', 'memoryLimit', 'threads'])
  })

  test('and the environment overrules what is kept, unless it means nothing', () => {
    expect(environmentOverrides({ OTOSCOPE_THREADS: '3', OTOSCOPE_CACHE: '/c', OTOSCOPE_MEMORY_LIMIT: '2GB' })).toEqual(
      {
        threads: 3,
        cacheFolder: '/c',
        memoryLimit: 2e9,
      },
    )
    expect(environmentOverrides({ OTOSCOPE_THREADS: '', OTOSCOPE_CACHE: '' })).toEqual({})
    for (const env of [{ OTOSCOPE_THREADS: 'many' }, { OTOSCOPE_THREADS: '0' }, { OTOSCOPE_MEMORY_LIMIT: 'all' }])
      expect(() => environmentOverrides(env)).toThrow(expect.objectContaining({ code: 'bad-input' }))
  })

  test('is a size in the units that people write', () => {
    const sizes = { '2GB': 2e9, '1.5 GiB': 1.5 * 2 ** 30, '800m': 800e6, '123456789': 123456789, '1k': 1000 }
    for (const [text, bytes] of Object.entries(sizes)) expect(parseBytes(text)).toBe(bytes)
    for (const text of ['', '0', '-1', '1e9', 'GB', '2 XB', '9'.repeat(30), '__proto__', '1constructor'])
      expect(parseBytes(text)).toBeNull()
  })
})

describe('misuse', () => {
  test('damaged settings are said by notice and on the card, and the defaults hold', async () => {
    mkdirSync(place('settings'))
    writeFileSync(join(place('settings'), 'settings.json'), 'nonsense')
    const engine = await open()
    const { settings, notes } = await calls(engine)['settings.read']({})
    expect(settings).toEqual(Settings.parse({}))
    expect(notes).toEqual([expect.stringMatching(/are damaged \(it is not JSON\): the defaults hold/)])
    expect(notices).toEqual([{ kind: 'settings', message: notes[0] }])
  })

  test('a value outside the schema is refused', async () => {
    const engine = await open()
    for (const change of [{ threads: 0 }, { cacheLimit: 1 }, { idleMinutes: -1 }, { memoryLimit: Infinity }])
      await expect(calls(engine)['settings.change'](change)).rejects.toMatchObject({ code: 'bad-input' })
    expect(existsSync(join(place('settings'), 'settings.json'))).toBe(false)
  })
})

test('the settings folder is the system’s own, or the one that OTOSCOPE_SETTINGS names', () => {
  expect(defaultSettingsFolder('linux', {}, '/home/a')).toBe(join('/home/a', '.config', 'otoscope'))
  expect(defaultSettingsFolder('linux', { XDG_CONFIG_HOME: '/x' }, '/home/a')).toBe(join('/x', 'otoscope'))
  expect(defaultSettingsFolder('darwin', {}, '/u')).toBe(join('/u', 'Library', 'Application Support', 'otoscope'))
  expect(defaultSettingsFolder('win32', { APPDATA: 'R' }, 'U')).toBe(join('R', 'Otoscope'))
  expect(defaultSettingsFolder('win32', {}, 'U')).toBe(join('U', 'AppData', 'Roaming', 'Otoscope'))
  expect(defaultSettingsFolder('linux', { OTOSCOPE_SETTINGS: '/mine' }, '/home/a')).toBe('/mine')
})

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { SettingsCard } from '../../src/contract/settings.ts'
import { resource } from '../../src/engine/paths.ts'
import { startCli, type Ended } from '../support/cli.ts'
import { starters } from '../support/models.ts'

const folder = mkdtempSync(join(tmpdir(), 'otoscope-cli-settings-'))
afterAll(() => rmSync(folder, { recursive: true }))

const env = {
  OTOSCOPE_SETTINGS: join(folder, 'settings'),
  XDG_CACHE_HOME: join(folder, 'cache'),
  LOCALAPPDATA: join(folder, 'cache'),
}
const cli = (words: string[], more: NodeJS.ProcessEnv = {}): Promise<Ended> =>
  startCli(words, { env: { ...env, ...more } }).ended
const card = async (words: string[], more?: NodeJS.ProcessEnv): Promise<SettingsCard> => {
  const { code, stdout, stderr } = await cli(['settings', ...words, '--json'], more)
  expect({ code, stderr: stderr.replace(/^otoscope: results are stored in .*\n$/, '') }).toEqual({
    code: 0,
    stderr: '',
  })
  return JSON.parse(stdout) as SettingsCard
}

test('settings are shown, changed one at a time, and kept for the next command', async () => {
  const changes = [
    ['threads', '3', 3],
    ['memoryLimit', '2GB', 2e9],
    ['background', 'on', true],
  ] as const
  for (const [name, text, value] of changes) expect((await card([name, text])).settings[name]).toBe(value)
  const { settings, effective } = await card([])
  expect(settings).toMatchObject({ threads: 3, memoryLimit: 2e9, background: true, cacheLimit: 4e9 })
  expect(effective).toMatchObject({ threads: 3, memoryLimit: 2e9 })
  expect((await card(['threads', 'auto'])).settings.threads).toBeNull()
  const shown = await cli(['settings'])
  expect(shown.stdout).toMatch(/^setting +kept +holds now$/m)
  expect(shown.stdout).toMatch(/^memoryLimit +2 GB +2 GB /m)
  expect(shown.stdout).toMatch(/^this machine: \d+ cores, [\d.]+ GB of memory, [\d.]+ GB free$/m)
  const one = await cli(['settings', 'cacheLimit'])
  expect(one.stdout).toMatch(/^cacheLimit +4 GB +4 GB /)
  expect(one.stdout.trim().split('\n')).toHaveLength(1)
})

test('a flag overrules the environment, which overrules what is kept', async () => {
  await card(['threads', '3'])
  expect((await card([])).effective.threads).toBe(3)
  const environment = { OTOSCOPE_THREADS: '4', OTOSCOPE_CACHE: join(folder, 'elsewhere') }
  const inEnvironment = await card([], environment)
  expect(inEnvironment.effective).toMatchObject({ threads: 4, cacheFolder: join(folder, 'elsewhere') })
  const flags = ['--threads', '5', '--cache', join(folder, 'flagged'), '--memory-limit', '1GB']
  const flagged = await card(flags, environment)
  expect(flagged.effective).toEqual({ threads: 5, cacheFolder: join(folder, 'flagged'), memoryLimit: 1e9 })
  expect(flagged.overruled.toSorted()).toEqual(['cacheFolder', 'memoryLimit', 'threads'])
  const wrong = await cli(['settings'], { OTOSCOPE_THREADS: 'many' })
  expect(wrong).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/OTOSCOPE_THREADS is many/) })
})

test('another cache folder is used from the next start on', async () => {
  const path = join(folder, 'new cache')
  const changed = await cli(['settings', 'cacheFolder', path])
  expect(changed.stderr).toMatch(/results are stored in .*new cache from the next start on; until then in /)
  expect((await card([])).effective.cacheFolder).toBe(path)
  const stats = await cli(['cache', 'stats'])
  expect(stats.stdout).toContain(path)
  writeFileSync(join(folder, 'a-file'), '')
  const refused = await cli(['settings', 'cacheFolder', join(folder, 'a-file', 'in')])
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/cannot be written/) })
  await card(['cacheFolder', 'auto'])
})

test('a damaged file is said, kept aside, and stops nothing', async () => {
  const file = join(folder, 'settings', 'settings.json')
  writeFileSync(file, '{ "threads": "many" }')
  const { code, stdout, stderr } = await cli(['settings', 'threads', '2'])
  expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringMatching(/^threads +2 +2 /) })
  expect(stderr).toMatch(/the settings in .* are damaged \(threads: .*\): the defaults hold; the file is kept as/)
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ threads: 2 })
})

test('names and values that mean nothing are wrong usage', async () => {
  const wrong = [
    ['nonsense'],
    ['threads', '0'],
    ['threads', 'many'],
    ['background', 'maybe'],
    ['memoryLimit', '5'],
    ['idleMinutes', '-1'],
    ['constructor'],
    ['--memory-limit', 'much'],
  ]
  const ended = await Promise.all(wrong.map((words) => cli(['settings', ...words])))
  for (const [i, { code, stdout, stderr }] of ended.entries()) {
    const words = wrong[i]
    expect({ words, code, stdout }).toEqual({ words, code: 2, stdout: '' })
    expect(stderr).toMatch(/^error: /)
  }
})

test('a run that does not fit is refused with one sentence, and leaves no file', async () => {
  const out = join(folder, 'x.npz')
  const words = ['export', resource('recordings', 'voice.wav'), '--model', starters.ast, '--out', out]
  const { code, stdout, stderr } = await cli([...words, '--no-cache', '--memory-limit', '150MB'])
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toBe(
    `otoscope: ${starters.ast} needs about 185 MB for this region and 150 MB may be used (the memory limit): raise the limit\n`,
  )
  expect(() => readFileSync(out)).toThrow(/ENOENT/)
})

test('a report of which one run does not fit is refused before any of them starts', async () => {
  const words = ['report', resource('recordings', 'voice.wav'), '--out', join(folder, 'report')]
  const { code, stderr } = await cli([...words, '--no-cache', '--memory-limit', '200MB'])
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^otoscope: .* needs about \d+ MB .*\n$/) })
  expect(existsSync(join(folder, 'report'))).toBe(false)
})

import { spawnSync } from 'node:child_process'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dialogGone, launch, watch } from '../support/browser.ts'
import { chromiumPath, testNeeding } from '../support/needs.ts'
import { webgpuEnvironment } from '../support/webgpu.ts'
import { chooseModel, run, settled } from '../support/workbench.ts'
import {
  askTheNetwork,
  begin,
  commandLines,
  commandNames,
  filesIn,
  goOffline,
  mayFail,
  type Offline,
} from './commands.ts'
import { leaving, makeNamespace, watching, type Namespace } from '../support/namespace.ts'
import { starters } from '../support/models.ts'

/**
 * No command makes a network call but those that a person asks to. Every command runs with every outgoing connection refused and
 * remembered by Node itself; where the system permits, also in a network of its own, where native code's calls are seen.
 */

let namespace: Namespace | null = null
let place: Offline
beforeAll(async () => {
  namespace = await makeNamespace()
  place = goOffline((folder) => (namespace ? [...namespace.enter, ...watching(join(folder, 'calls'))] : []))
})
afterAll(() => {
  place?.close()
  namespace?.close()
})
const calls = (): string => readFileSync(join(place.folder, 'calls'), 'utf8')

/** Chromium beside the program: its own habits are none of ours, so it is not watched. */
const browserProgram = (): string => {
  if (!namespace) return chromiumPath
  const script = join(place.folder, 'chromium.sh')
  writeFileSync(script, `#!/bin/sh\nexec ${namespace.enter.join(' ')} ${chromiumPath} "$@"\n`)
  chmodSync(script, 0o755)
  return script
}

test('the watch itself sees every way out', async () => {
  const log = join(place.folder, 'watch-log')
  writeFileSync(log, '')
  const ways = `
    import net from 'node:net'; import tls from 'node:tls'; import http from 'node:http'
    import dgram from 'node:dgram'; import dns, { lookup } from 'node:dns'; import { Worker } from 'node:worker_threads'
    const quiet = () => {}
    net.connect(80, '192.0.2.1').on('error', quiet)
    net.connect({ host: '192.0.2.2', port: 80 }).on('error', quiet)
    new net.Socket().on('error', quiet).connect(80, '192.0.2.3')
    tls.connect(443, '192.0.2.4').on('error', quiet)
    http.get('http://192.0.2.5/').on('error', quiet)
    await fetch('http://192.0.2.6/').catch(quiet)
    new WebSocket('ws://192.0.2.7/').onerror = quiet
    try { dgram.createSocket('udp4').send('x', 53, '192.0.2.8') } catch {}
    lookup('eight.example', quiet)
    await dns.promises.resolve4('nine.example').catch(quiet)
    new dns.Resolver().resolve4('ten.example', quiet)
    new Worker('fetch("http://192.0.2.11/").catch(() => {})', { eval: true }).on('exit', () => process.exit())
  `
  const { env } = place
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', ways], {
    env: { ...env, OTOSCOPE_TEST_ATTEMPTS: log },
    encoding: 'utf8',
  })
  expect(status, stderr).toBe(0)
  const seen = readFileSync(log, 'utf8')
  for (const target of [...[1, 2, 3, 4, 5, 6, 7, 8, 11].map((n) => `192.0.2.${n}`), 'eight', 'nine', 'ten'])
    expect(seen).toContain(target)
})

test('every command is either run here or is one that a person asks to use the network', async () => {
  const run = commandLines('').map((words) => words.filter((word) => /^[a-z]+$/.test(word)).slice(0, 2))
  const names = (await commandNames(place)).filter((name) => !askTheNetwork.includes(name))
  expect(names.length).toBeGreaterThan(10)
  for (const name of names)
    if (name !== 'serve' && name !== 'open')
      expect(
        run.some(([first, second]) => name === first || name === `${first} ${second}`),
        name,
      ).toBe(true)
})

test('every command does its work', { timeout: 120_000 }, async () => {
  for (const words of commandLines(place.folder)) {
    const name = words.slice(0, 2).join(' ')
    // where Chromium's software driver is, a device is started as well: native code that would not be loaded otherwise
    const device = name === 'devices --cache' ? webgpuEnvironment() : null
    const { code, stderr } = await begin(place, words, device ?? {}).ended
    if (!mayFail.includes(name)) expect(code, `${name}: ${stderr}`).toBe(0)
    expect(stderr, name).not.toMatch(/refused by a test|ENETUNREACH|EAI_AGAIN/)
  }
  expect(place.watched().some((line) => line.includes('inference'))).toBe(true)
})

testNeeding('chromium')(
  'a served page is opened and used, its list of models and its devices too',
  { timeout: 120_000 },
  async () => {
    const served = begin(place, ['serve', '--cache', join(place.folder, 'cache')])
    const browser = await launch(browserProgram())
    try {
      const page = await browser.newPage()
      const problems = watch(page)
      await page.goto(await served.line)
      await page.getByTestId('run').and(page.locator(':enabled')).waitFor()
      await settled(page)
      await chooseModel(page, starters.wav2vec2)
      await run(page)
      for (const name of ['models-open', 'machine']) {
        await page.getByTestId(name).click()
        await page.getByRole('dialog').waitFor()
        await settled(page)
        await page.keyboard.press('Escape')
        await dialogGone(page)
      }
      expect(problems).toEqual([])
    } finally {
      await browser.close()
      served.stop()
    }
    expect((await served.ended).code).toBe(0)
  },
)

test.runIf(process.platform === 'linux')('open serves the page where there is no display', async () => {
  const opened = begin(place, ['open', '--cache', join(place.folder, 'cache')])
  expect(await opened.line).toMatch(/^http:\/\/127\.0\.0\.1:/)
  opened.stop()
  expect((await opened.ended).stderr).toContain('there is no display')
})

test('nothing of all this turned to the network', () => {
  expect(place.attempts()).toEqual([])
})

testNeeding('namespace')('native code turned to nobody either', async () => {
  expect(leaving(calls())).toEqual([])
  // … and would have been seen
  const before = [...namespace!.enter, ...watching(join(place.folder, 'proof'))]
  const [program = '', ...words] = [...before, process.execPath, '-e', 'fetch("http://192.0.2.1/").catch(() => {})']
  spawnSync(program, words, { env: { ...place.env, NODE_OPTIONS: '' } })
  expect(leaving(readFileSync(join(place.folder, 'proof'), 'utf8')).join()).toContain('192.0.2.1')
})

test('nothing was left in the home folder but what the person decided', () => {
  const kept = filesIn(place.home).filter((name) => !/^\.nv\/|mesa_shader_cache/.test(name))
  expect(kept.filter((name) => !/settings\.json$/.test(name))).toEqual([])
})

test("Electron's program is looked for where a window is wanted, once, and nowhere else", async () => {
  const before = place.attempts().length
  const missing = { DISPLAY: ':7', ELECTRON_OVERRIDE_DIST_PATH: join(place.folder, 'nowhere') }
  const opened = begin(place, ['open', '--cache', join(place.folder, 'cache')], missing)
  await opened.line
  opened.stop()
  expect((await opened.ended).stderr).toContain("Electron's program could not be downloaded")
  expect(place.attempts().slice(before)).toEqual(['connect github.com:443'])
})

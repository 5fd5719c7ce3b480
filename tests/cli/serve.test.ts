import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { engine as contract } from '../../src/contract/engine.ts'
import { resource } from '../../src/engine/paths.ts'
import { connect } from '../../src/rpc/connect.ts'
import { socketPort } from '../../src/rpc/ports/socket.ts'
import { runCli, startCli } from '../support/cli.ts'
import { starters } from '../support/models.ts'

const folder = mkdtempSync(join(tmpdir(), 'otoscope-serve-'))
afterAll(() => rmSync(folder, { recursive: true }))

const cache = ['--cache', join(folder, 'cache')]
const voice = resource('recordings', 'voice.wav')

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test('serve prints its address alone, answers the engine there, and ends every process on SIGTERM', async () => {
  const served = startCli(['serve', voice, ...cache])
  const [address = ''] = await served.shown(/^http:\/\/127\.0\.0\.1:\d+\/\?token=\S+$/m)
  const { host, search } = new URL(address)
  const client = connect(contract, socketPort(new WebSocket(`ws://${host}/rpc${search}`) as never))
  const [recording] = await client['recordings.list']({})
  expect(recording?.name).toBe('voice.wav')
  const run = await client['runs.start']({ recording: recording?.id ?? '', region: [0, 1], model: starters.ast })
  await client['runs.attentionLine']({
    run: run.id,
    tap: 'encoder.attention.0',
    heads: 'mean',
    line: 'row',
    index: 0,
  })
  const { jobs, queries } = (await client['system.card']({})).processes
  expect([jobs, queries].every((pid) => pid !== null && isAlive(pid))).toBe(true)
  served.kill('SIGTERM')
  const { code, stdout } = await served.ended
  expect(stdout).toBe(`${address}\n`)
  expect(code).toBe(0)
  expect([jobs, queries].some((pid) => pid !== null && isAlive(pid))).toBe(false)
})

test('without a display open serves the page and says why', async () => {
  const served = startCli(['open', voice, ...cache], { env: { DISPLAY: '', WAYLAND_DISPLAY: '' } })
  await served.shown(/token=\S+\n/)
  served.kill('SIGINT')
  const { stdout, stderr } = await served.ended
  expect(stderr).toContain('there is no display')
  expect(stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=\S+\n$/)
})

test('a file that cannot be opened is refused before anything is served', async () => {
  const { code, stdout, stderr } = await runCli('serve', join(folder, 'missing.wav'), ...cache)
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toContain('missing.wav')
})

test('the address is there before the files are open', async () => {
  const path = join(folder, 'notes.wav')
  writeFileSync(path, 'no sound at all')
  const { code, stdout, stderr } = await runCli('serve', path, ...cache)
  expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringContaining('/?token=') as string })
  expect(stderr).toContain('notes.wav is text, not a recording')
})

test('a model folder is imported, listed, inspected and forgotten', async () => {
  const { code } = await runCli('models', 'remove', starters.ast, ...cache)
  expect(code).toBe(1)
  const list = await runCli('models', 'list', '--json', ...cache)
  expect((JSON.parse(list.stdout) as { id: string }[]).map(({ id }) => id)).toContain(starters.whisper)
  const inspected = JSON.parse((await runCli('inspect', starters.whisper, '--json', ...cache)).stdout) as object
  expect(inspected).toMatchObject({ family: 'whisper', type: 'encoder-decoder', stepMs: 20 })
})

test('the cache can be measured, verified and cleared', async () => {
  const stats = JSON.parse((await runCli('cache', 'stats', '--json', ...cache)).stdout) as { runs: number }
  expect(stats.runs).toBe(1)
  const verified = JSON.parse((await runCli('cache', 'verify', '--json', ...cache)).stdout) as object
  expect(verified).toMatchObject({ bad: 0 })
  const cleared = JSON.parse((await runCli('cache', 'clear', '--json', ...cache)).stdout) as { runs: number }
  expect(cleared.runs).toBe(0)
})

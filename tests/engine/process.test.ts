import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { engine } from '../../src/contract/engine.ts'
import { host } from '../../src/contract/host.ts'
import { processEntry, resource } from '../../src/engine/paths.ts'
import { connect } from '../../src/rpc/connect.ts'
import { channelPort } from '../../src/rpc/ports/emitter.ts'
import { starters } from '../support/models.ts'

const contract = { ...engine, ...host }
const folder = mkdtempSync(join(tmpdir(), 'otoscope-process-'))
let child: ChildProcess

beforeAll(() => {
  const env = { ...process.env, OTOSCOPE_CACHE: folder, OTOSCOPE_THREADS: '1' }
  child = fork(processEntry('engine'), { serialization: 'advanced', env, execArgv: [] })
})
afterAll(() => rmSync(folder, { recursive: true }))

test('a forked engine serves host and page over its channel and ends with it, its own processes too', async () => {
  const client = connect(contract, channelPort(child))
  const recording = await client['files.open']({ path: resource('recordings', 'voice.wav') })
  const run = await client['runs.start']({ recording: recording.id, region: [0, 1], model: starters.wav2vec2 })
  expect(run.threads).toBe(1)
  const card = await client['system.card']({})
  expect(card.cache.folder).toBe(folder)
  const jobs = card.processes.jobs
  child.disconnect()
  await once(child, 'exit')
  expect(() => process.kill(jobs ?? 0, 0)).toThrow('ESRCH')
})

test('an engine whose store cannot be opened says so in one sentence and ends', async () => {
  const file = join(folder, 'a file')
  writeFileSync(file, '')
  const env = { ...process.env, OTOSCOPE_CACHE: join(file, 'cache') }
  const failed = fork(processEntry('engine'), { env, execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  let said = ''
  failed.stderr?.on('data', (part: Buffer) => (said += part.toString()))
  expect(await once(failed, 'close')).toEqual([1, null])
  expect(said).toMatch(/^the cache cannot be written in .*: choose another folder\n$/)
})

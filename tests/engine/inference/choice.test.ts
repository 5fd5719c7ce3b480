import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Verdict } from '../../../src/contract/run.ts'
import { failedVerdict, type Candidate } from '../../../src/engine/devices/verdict.ts'
import { chooseProvider } from '../../../src/engine/inference/choice.ts'
import { openStore } from '../../../src/engine/store/database.ts'
import type { Store } from '../../../src/engine/store/store.ts'
import { exampleJob } from '../jobs/example-job.ts'

let folder = ''
let store: Store
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'otoscope-choice-'))
  store = openStore(folder)
})
afterEach(() => {
  store.close()
  rmSync(folder, { recursive: true })
})

const job = await exampleJob('a')
const cuda: Candidate = { provider: 'cuda', name: 'NVIDIA H200' }
const webgpu: Candidate = { provider: 'webgpu', name: 'a graphics card' }
const cpu: Candidate = { provider: 'cpu', name: 'a processor' }
const auto = { ...job, device: 'auto' as const, candidates: [cuda, webgpu, cpu] }

const measured = (candidate: Candidate, onCpu: number, onProvider: number, refused = ''): Verdict => ({
  ...failedVerdict(job, candidate, refused),
  seconds: { cpu: onCpu, provider: onProvider },
  parity: { worst: 2e-6, tap: 'encoder.hidden.1', limit: 1e-3, passed: refused === '' },
})
const never = (): never => {
  throw new Error('this is known')
}

describe('auto', () => {
  test('takes the first that is faster than the CPU, and says by how much', async () => {
    store.putVerdict(measured(cuda, 0.3, 0.1))
    const chosen = await chooseProvider(auto, store, never)
    expect(chosen).toMatchObject({ provider: 'cuda', name: cuda.name, warnings: [] })
    expect(chosen.choice).toBe('auto: cuda is 3 × faster than the CPU on this model (0.1 s against 0.3 s)')
    expect(chosen.parity?.worst).toBe(2e-6)
  })

  test('compares those nobody compared on this model, in order, and no more than needed', async () => {
    const asked: string[] = []
    const chosen = await chooseProvider(auto, store, async (candidate) => {
      asked.push(candidate.provider)
      return candidate === cuda ? measured(cuda, 1, 1.5) : measured(webgpu, 1, 0.25)
    })
    expect(asked).toEqual(['cuda', 'webgpu'])
    expect(chosen.provider).toBe('webgpu')
  })

  test('stays with the CPU where the others are slower or refused, with every reason', async () => {
    store.putVerdict(measured(cuda, 0.024, 10.2))
    store.putVerdict(measured(webgpu, 1, 0.1, 'webgpu differs from the CPU'))
    const chosen = await chooseProvider({ ...auto, skipped: ['dml does not start: no driver'] }, store, never)
    expect(chosen).toMatchObject({ provider: 'cpu', name: cpu.name, parity: null })
    expect(chosen.choice).toBe(
      'auto: dml does not start: no driver; cuda is 425 × slower than the CPU on this model (10.2 s against 0.024 s); webgpu differs from the CPU',
    )
    expect(chosen.warnings).toEqual(['auto did not use a graphics card: webgpu differs from the CPU'])
  })

  test('says that there is nothing else where there is nothing else', async () => {
    const { provider, choice } = await chooseProvider({ ...auto, candidates: [cpu] }, store, never)
    expect([provider, choice]).toEqual(['cpu', 'auto: no accelerator works here'])
  })

  test('does not trust what another device or another onnxruntime showed', async () => {
    store.putVerdict({ ...measured(cuda, 1, 0.1), onnxruntime: '1.0.0' })
    store.putVerdict({ ...measured(cuda, 1, 0.1), device: 'another card' })
    const asked = chooseProvider({ ...auto, candidates: [cuda, cpu] }, store, async () => measured(cuda, 1, 2))
    expect(await asked).toMatchObject({ provider: 'cpu' })
  })
})

describe('a device asked for by name', () => {
  const named = { ...job, device: 'webgpu' as const, candidates: [webgpu] }

  test('is used even where it is slower', async () => {
    store.putVerdict(measured(webgpu, 1, 100))
    expect(await chooseProvider(named, store, never)).toMatchObject({ provider: 'webgpu', choice: 'asked for' })
  })

  test('that differs from the CPU is refused, and nothing takes its place', async () => {
    store.putVerdict(measured(webgpu, 1, 0.1, 'webgpu differs from the CPU by 0.03'))
    await expect(chooseProvider(named, store, never)).rejects.toMatchObject({
      code: 'no-provider',
      message: 'device webgpu: webgpu differs from the CPU by 0.03; use --device cpu or auto',
    })
  })

  test('that failed earlier is tried again: it may start today', async () => {
    store.putVerdict(failedVerdict(job, webgpu, 'webgpu does not start'))
    const chosen = await chooseProvider(named, store, async () => measured(webgpu, 1, 2))
    expect(chosen.provider).toBe('webgpu')
  })

  test('that is the CPU is compared with nothing', async () => {
    const chosen = await chooseProvider({ ...job, device: 'cpu', candidates: [cpu] }, store, never)
    expect(chosen).toMatchObject({ provider: 'cpu', choice: 'asked for', parity: null })
  })
})

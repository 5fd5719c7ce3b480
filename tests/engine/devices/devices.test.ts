import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'
import { createDevices, providers, type Devices } from '../../../src/engine/devices/devices.ts'
import { isSoftware } from '../../../src/engine/devices/names.ts'
import { forkChild, type Spawn } from '../../../src/engine/jobs/child.ts'
import { testNeeding } from '../../support/needs.ts'
import { useWebgpu } from '../../support/webgpu.ts'

useWebgpu()
const opened: Devices[] = []
afterEach(() => opened.splice(0).forEach((devices) => devices.close()))

const countingDevices = (spawn: Spawn = forkChild): { devices: Devices; started: () => number } => {
  let count = 0
  const devices = createDevices({ spawn: (...words) => (count++, spawn(...words)) })
  opened.push(devices)
  return { devices, started: () => count }
}
const absent = process.platform === 'darwin' ? 'dml' : 'coreml'
const oddDriver = fileURLToPath(new URL('odd-driver.ts', import.meta.url))

describe('devices', () => {
  test('are all listed, each tried once in a process of its own until they are forgotten', async () => {
    const { devices, started } = countingDevices()
    const seen: string[][] = []
    const cards = await devices.list((some) => seen.push(some.map(({ id }) => id)))
    // each is told of as soon as it has answered
    expect(seen.map((some) => some.length)).toEqual([1, 2, 3, 4, 5])
    expect(seen.at(-1)).toEqual(cards.map(({ id }) => id))
    expect(cards.map(({ id }) => id)).toEqual(['cpu', 'cuda', 'dml', 'coreml', 'webgpu'])
    for (const { works, reason, name } of cards) {
      expect(reason === '').toBe(works)
      expect(name).not.toBe('')
    }
    expect(await devices.list()).toEqual(cards)
    expect(started()).toBe(providers.length)
    devices.forget()
    await devices.card('cpu')
    expect(started()).toBe(providers.length + 1)
  })

  test('asked for by name are refused where they do not run, with the reason', async () => {
    const { devices } = countingDevices()
    await expect(devices.places(absent)).rejects.toMatchObject({
      code: 'no-provider',
      message: expect.stringMatching(new RegExp(`^device ${absent}: not compiled in: .*; use --device cpu or auto$`)),
    })
  })

  test('need not be tried for a run on the CPU', async () => {
    const { devices, started } = countingDevices()
    const { candidates, skipped } = await devices.places('cpu')
    expect(candidates.map(({ provider }) => provider)).toEqual(['cpu'])
    expect(skipped).toEqual([])
    expect(started()).toBe(0)
  })

  test('end with the CPU under auto', async () => {
    const { devices } = countingDevices()
    const { candidates } = await devices.places('auto')
    expect(candidates.at(-1)).toMatchObject({ provider: 'cpu' })
  })

  testNeeding('webgpu')('in software are used by name, not by auto, which says so', async () => {
    const { devices } = countingDevices()
    const { name } = await devices.card('webgpu')
    expect((await devices.places('webgpu')).candidates).toEqual([{ provider: 'webgpu', name }])
    const { candidates, skipped } = await devices.places('auto')
    const tried = candidates.some(({ provider }) => provider === 'webgpu')
    expect(tried).toBe(!isSoftware(name))
    if (!tried) expect(skipped.join()).toBe(`webgpu is ${name} here, which auto does not try`)
  })

  testNeeding('webgpu')('whose driver crashes are left out by auto, which says so', async () => {
    const { devices } = countingDevices((_entry, args, options) => forkChild(oddDriver, ['crashes', ...args], options))
    const { candidates, skipped } = await devices.places('auto')
    expect(candidates.map(({ provider }) => provider)).toEqual(['cpu'])
    expect(skipped.join()).toContain('webgpu does not start: its driver ended the process (SIGSEGV)')
  })

  test('cannot be tried once the engine closes', async () => {
    const { devices } = countingDevices()
    devices.close()
    await expect(devices.card('cpu')).rejects.toMatchObject({ code: 'cancelled' })
  })
})

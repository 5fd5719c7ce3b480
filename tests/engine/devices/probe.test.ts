import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { probe } from '../../../src/engine/devices/probe.ts'
import { forkChild, type Child, type Spawn } from '../../../src/engine/jobs/child.ts'
import { testNeeding } from '../../support/needs.ts'
import { webgpuEnvironment } from '../../support/webgpu.ts'

const { signal } = new AbortController()
const oddDriver = fileURLToPath(new URL('odd-driver.ts', import.meta.url))

/** Spawns as `spawn` does and remembers what it started. */
const watched = (spawn: Spawn): { spawn: Spawn; children: Child[] } => {
  const children: Child[] = []
  return {
    children,
    spawn: (...words) => {
      const child = spawn(...words)
      children.push(child)
      return child
    },
  }
}
const odd = (how: string): ReturnType<typeof watched> =>
  watched((_entry, args, options) => forkChild(oddDriver, [how, ...args], options))

const isAlive = (pid = 0): boolean => {
  const stat = `/proc/${pid}/stat`
  return existsSync(stat) && !/\) Z /.test(readFileSync(stat, 'utf8'))
}

describe('a probe', () => {
  test('of the CPU finds that it works, under its own name, and leaves no process', async () => {
    const { spawn, children } = watched(forkChild)
    expect(await probe('cpu', { signal, spawn })).toMatchObject({ compiled: true, works: true, reason: '' })
    expect(children).toHaveLength(1)
    await children[0]!.ended
    expect(isAlive(children[0]!.pid)).toBe(false)
  })

  test('of a driver that crashes says so', async () => {
    const card = await probe('webgpu', { signal, spawn: odd('crashes').spawn })
    expect(card).toEqual({
      id: 'webgpu',
      compiled: true,
      works: false,
      name: 'WebGPU',
      reason: 'its driver ended the process (SIGSEGV)',
    })
  })

  test('of a driver that ends the process says how', async () => {
    const { reason } = await probe('cuda', { signal, spawn: odd('exits').spawn })
    expect(reason).toBe('its driver ended the process (exit code 3)')
  })

  test('of a driver that hangs says so after a while, and ends its process', async () => {
    const { spawn, children } = odd('hangs')
    const card = await probe('dml', { signal, spawn, limitMilliseconds: 1500 })
    expect(card).toMatchObject({ works: false, reason: 'it did not answer within 1.5 s' })
    await children[0]!.ended
    expect(isAlive(children[0]!.pid)).toBe(false)
  })

  test('that is cancelled ends its process', async () => {
    const { spawn, children } = odd('hangs')
    const cancel = new AbortController()
    const asked = probe('webgpu', { signal: cancel.signal, spawn })
    cancel.abort()
    await expect(asked).rejects.toMatchObject({ code: 'cancelled' })
    await children[0]!.ended
    expect(isAlive(children[0]!.pid)).toBe(false)
  })

  test('keeps what a driver prints', async () => {
    const { spawn, children } = odd('exits')
    await probe('webgpu', { signal, spawn })
    expect(children[0]!.errors()).toBe('the driver prints\n')
  })
})

describe('WebGPU', () => {
  const under = (env: NodeJS.ProcessEnv | null): Spawn => {
    return (entry, args, options) => forkChild(entry, args, { ...options, env: { ...options?.env, ...env } })
  }

  testNeeding('webgpu')('starts where there is an adapter, and says which the system took', async () => {
    const card = await probe('webgpu', { signal, spawn: under(webgpuEnvironment()) })
    expect(card).toMatchObject({ compiled: true, works: true, reason: '' })
    if (process.platform === 'linux') expect(card.name).not.toBe('WebGPU')
    if (card.name.includes('SwiftShader')) expect(card.name).toMatch(/\(software\)$/)
  })

  testNeeding('webgpu')('does not start without an adapter, and says why', async () => {
    if (process.platform !== 'linux') return
    const none = { VK_ICD_FILENAMES: '/nowhere/driver.json', VK_DRIVER_FILES: '/nowhere/driver.json' }
    const card = await probe('webgpu', { signal, spawn: under(none) })
    expect(card).toMatchObject({ compiled: true, works: false, name: 'WebGPU' })
    expect(card.reason).toMatch(/adapter/)
  })
})

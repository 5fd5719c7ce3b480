import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { linuxMemory, machineMemory, vmStatBytes } from '../../../src/engine/estimate/free-memory.ts'

let root = ''
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'otoscope-memory-'))))
afterEach(() => rmSync(root, { recursive: true }))

const put = (files: Record<string, string | number>): void => {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), `${text}\n`)
  }
}
const meminfo = 'MemTotal:       16000000 kB\nMemFree:          500000 kB\nMemAvailable:    8000000 kB'
const [total, available] = [16e6 * 1024, 8e6 * 1024]

describe('memory on Linux', () => {
  test('is what the system can give, cached files included, where no group has a limit', () => {
    put({ 'proc/meminfo': meminfo, 'proc/self/cgroup': '0::/user.slice', 'sys/fs/cgroup/user.slice/memory.max': 'max' })
    expect(linuxMemory(root)).toEqual({ total, free: available })
  })

  test('is what a control group leaves, cached files counted as free (version 2)', () => {
    put({
      'proc/meminfo': meminfo,
      'proc/self/cgroup': '0::/pod/box',
      'sys/fs/cgroup/pod/box/memory.max': 4e9,
      'sys/fs/cgroup/pod/box/memory.current': 3e9,
      'sys/fs/cgroup/pod/box/memory.stat': 'anon 1000000000\ninactive_file 1500000000\nactive_file 500000000',
    })
    expect(linuxMemory(root)).toEqual({ total: 4e9, free: 2.5e9 })
  })

  test('is what the tightest group above leaves', () => {
    put({
      'proc/meminfo': meminfo,
      'proc/self/cgroup': '0::/pod/box',
      'sys/fs/cgroup/pod/memory.max': 2e9,
      'sys/fs/cgroup/pod/memory.current': 1.9e9,
      'sys/fs/cgroup/pod/box/memory.max': 'max',
      'sys/fs/cgroup/pod/box/memory.current': 1e9,
    })
    expect(linuxMemory(root)).toEqual({ total: 2e9, free: 1e8 })
  })

  test('is what a group of version 1 leaves, seen from inside its container too', () => {
    put({
      'proc/meminfo': meminfo,
      'proc/self/cgroup': '5:cpu,cpuacct:/box\n4:memory:/docker/not-mounted-here\n0::/',
      'sys/fs/cgroup/memory/memory.limit_in_bytes': 3e9,
      'sys/fs/cgroup/memory/memory.usage_in_bytes': 2e9,
      'sys/fs/cgroup/memory/memory.stat': 'inactive_file 1\ntotal_inactive_file 500000000',
    })
    expect(linuxMemory(root)).toEqual({ total: 3e9, free: 1.5e9 })
  })

  test('is never negative, and a limit beyond the machine is none', () => {
    put({
      'proc/meminfo': meminfo,
      'proc/self/cgroup': '4:memory:/',
      'sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712',
      'sys/fs/cgroup/memory/memory.usage_in_bytes': 1e9,
    })
    expect(linuxMemory(root)).toEqual({ total, free: available })
    put({ 'sys/fs/cgroup/memory/memory.limit_in_bytes': 1e9, 'sys/fs/cgroup/memory/memory.usage_in_bytes': 2e9 })
    expect(linuxMemory(root).free).toBe(0)
  })

  test('is what Node knows where the system tells nothing', () => {
    const { total: known, free } = linuxMemory(root)
    expect(known).toBe(totalmem())
    expect(free).toBeGreaterThan(0)
  })
})

test('memory on macOS counts pages that are given up on demand', () => {
  const text = `Mach Virtual Memory Statistics: (page size of 16384 bytes)
Pages free:                               10000.
Pages active:                            400000.
Pages inactive:                          390000.
Pages speculative:                         1000.
Pages throttled:                              0.
Pages wired down:                        200000.
Pages purgeable:                           9000.`
  expect(vmStatBytes(text)).toBe(410_000 * 16_384)
  expect(vmStatBytes('nothing of the kind')).toBeNull()
})

test('this machine has some', async () => {
  const { total: all, free } = await machineMemory()
  expect(free).toBeGreaterThan(0)
  expect(free).toBeLessThanOrEqual(all)
})

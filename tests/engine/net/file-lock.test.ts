import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { holderOf, lockFile } from '../../../src/engine/net/file-lock.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'))
  path = join(folder, 'file.lock')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('one after another holds it, and nothing is left of it', async () => {
  let [inside, most] = [0, 0]
  await Promise.all(
    Array.from({ length: 5 }, async () => {
      using lock = await lockFile(path)
      most = Math.max(most, ++inside)
      await new Promise((resolve) => setTimeout(resolve, 5))
      expect(lock.held()).toBe(true)
      inside--
    }),
  )
  expect(most).toBe(1)
  expect(readdirSync(folder)).toEqual([])
})

test('who holds it is known, and a holder that has died or fallen silent is none', async () => {
  expect(holderOf(path)).toBeNull()
  {
    using lock = await lockFile(path)
    expect(lock.held()).toBe(true)
    expect(holderOf(path)).toBe(process.pid)
    const long = new Date(Date.now() - 60_000)
    utimesSync(path, long, long)
    expect(holderOf(path)).toBeNull()
  }
  writeFileSync(path, JSON.stringify({ pid: 2 ** 30, host: hostname(), id: 'gone' }))
  expect(holderOf(path)).toBeNull()
})

test('whoever waits is told for which process, and may give up', async () => {
  using held = await lockFile(path)
  const stop = new AbortController()
  const seen: number[] = []
  const waiting = lockFile(path, {
    signal: stop.signal,
    onWait: (pid) => {
      seen.push(pid)
      stop.abort()
    },
  })
  await expect(waiting).rejects.toThrow('abort')
  expect(seen).toEqual([process.pid])
  expect(held.held()).toBe(true)
})

test('that of a process that was killed is taken over at once, by one of many', async () => {
  const code = `import(${JSON.stringify(new URL('../../../src/engine/net/file-lock.ts', import.meta.url).href)})
    .then(({ lockFile }) => lockFile(${JSON.stringify(path)})).then(() => { console.log('held'); setInterval(() => {}, 1000) })`
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid: child.pid })
  child.kill('SIGKILL')
  await once(child, 'close')
  let inside = 0
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      using lock = await lockFile(path)
      expect(++inside).toBe(1)
      await new Promise((resolve) => setTimeout(resolve, 2))
      expect(lock.held()).toBe(true)
      inside--
    }),
  )
  expect(readdirSync(folder)).toEqual([])
})

test('that of another machine is not judged by our own processes', async () => {
  writeFileSync(path, JSON.stringify({ pid: 2 ** 22 + 1, host: 'another-machine', id: 'x' }))
  const stop = new AbortController()
  await expect(lockFile(path, { signal: stop.signal, onWait: () => stop.abort() })).rejects.toThrow('abort')
  expect(existsSync(path)).toBe(true)
})

test('that of another machine is left alone as long as it is touched, and taken over when that ends', async () => {
  const theirs = JSON.stringify({ pid: 1, host: 'another-machine', id: 'x' })
  writeFileSync(path, theirs)
  let beats = 0
  const beat = setInterval(() => utimesSync(path, new Date(), new Date(++beats * 1000)), 20)
  const looked: string[] = []
  const waiting = lockFile(path, {
    silentMs: 1000,
    onWait: () => {
      looked.push(readFileSync(path, 'utf8'))
      if (looked.length === 15) clearInterval(beat)
    },
  })
  using lock = await waiting
  expect(lock.held()).toBe(true)
  expect(looked.length).toBeGreaterThan(15)
  expect(new Set(looked)).toEqual(new Set([theirs]))
})

test('a sign without a name, of a process that died while it wrote it, is taken over as well', async () => {
  writeFileSync(path, '')
  using lock = await lockFile(path, { silentMs: 200 })
  expect(lock.held()).toBe(true)
})

test('one that was taken away is not removed by its former holder', async () => {
  const former = await lockFile(path)
  rmSync(path)
  using now = await lockFile(path)
  expect(former.held()).toBe(false)
  former[Symbol.dispose]()
  expect(now.held()).toBe(true)
})

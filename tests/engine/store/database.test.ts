import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
  writeSync,
  closeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Sqlite from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { version } from '../../../src/engine/paths.ts'
import { openStore, type StoreOptions } from '../../../src/engine/store/database.ts'
import { migrations } from '../../../src/engine/store/schema.ts'
import type { Store } from '../../../src/engine/store/store.ts'
import { exampleRun, matrix } from './example-run.ts'

let folder = ''
const stores: Store[] = []
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'otoscope-store-'))))
afterEach(() => {
  for (const store of stores.splice(0)) store.close()
  rmSync(folder, { recursive: true, force: true })
})
const open = (options: StoreOptions = {}): Store => {
  const store = openStore(folder, options)
  stores.push(store)
  return store
}
const file = () => join(folder, 'otoscope.sqlite')
const writer = fileURLToPath(new URL('writer.ts', import.meta.url))

describe('a store', () => {
  test('gives back a run and its tensors, whole or by rows', () => {
    const store = open()
    const tensor = matrix(3000, 384)
    const tokens = { dtype: 'int64' as const, shape: [3], axes: ['token'], data: BigInt64Array.of(1n, -2n, 3n) }
    store.putRun(exampleRun('a'), [
      { tap: 'encoder.hidden.0', tensor },
      { tap: 'tokens', tensor: tokens },
    ])
    expect(store.findRun('a')).toEqual(exampleRun('a'))
    expect(store.findRun('b')).toBeNull()
    expect(store.tensor('a', 'encoder.hidden.0')).toEqual(tensor)
    expect(store.tensor('a', 'tokens')).toEqual(tokens)
    // 682 rows make a chunk: within one, over an edge, the last row, none
    for (const [start, end] of [
      [5, 9],
      [600, 1400],
      [2999, 3000],
      [682, 682],
    ] as const)
      expect(store.tensor('a', 'encoder.hidden.0', [start, end])).toEqual({
        ...tensor,
        shape: [end - start, 384],
        data: tensor.data.slice(start * 384, end * 384),
      })
  })

  test.for([
    { shape: [0, 5], values: 0 },
    { shape: [], values: 1 },
    { shape: [1, 600_000], values: 600_000 },
    { shape: [700_000], values: 700_000 },
  ])('keeps a tensor of shape $shape', ({ shape, values }) => {
    const store = open()
    const tensor = { ...matrix(values, 1), shape, axes: shape.map(String) }
    store.putRun(exampleRun('a'), [{ tap: 'logits', tensor }])
    expect(store.tensor('a', 'logits')).toEqual(tensor)
    expect(store.verify()).toMatchObject({ bad: 0 })
  })

  test('keeps a view’s own stretch of a larger buffer', () => {
    const store = open()
    const all = matrix(100, 4)
    const view = { ...matrix(10, 4), data: all.data.subarray(40, 80) }
    store.putRun(exampleRun('a'), [{ tap: 'logits', tensor: view }])
    expect([...store.tensor('a', 'logits').data]).toEqual([...all.data.slice(40, 80)])
  })

  test('is there again when opened again', () => {
    const first = openStore(folder)
    first.putRun(exampleRun('a'), [{ tap: 'logits', tensor: matrix(2, 2) }])
    first.close()
    expect(open().tensor('a', 'logits')).toEqual(matrix(2, 2))
  })

  test('replaces a run that is put again', () => {
    const store = open()
    store.putRun(exampleRun('a'), [{ tap: 'features', tensor: matrix(9, 9) }])
    store.putRun(exampleRun('a'), [{ tap: 'logits', tensor: matrix(2, 2) }])
    expect(() => store.tensor('a', 'features')).toThrow(/no stored features/)
    expect(store.stats().runs).toBe(1)
  })

  test('stores nothing of a run whose tensors fail to come', () => {
    const store = open()
    const broken = function* () {
      yield { tap: 'logits', tensor: matrix(2, 2) }
      throw new Error('the model stopped')
    }
    expect(() => store.putRun(exampleRun('a'), broken())).toThrow('the model stopped')
    expect(store.findRun('a')).toBeNull()
    expect(store.stats().bytes).toBe(0)
  })

  test('remembers a file’s hash until the file changes', () => {
    const store = open()
    const path = join(folder, 'model.onnx')
    expect(store.fileHash(path)).toBeNull()
    writeFileSync(path, 'one')
    expect(store.fileHash(path)).toBeNull()
    store.rememberFileHash(path, 'abc')
    expect(store.fileHash(path)).toBe('abc')
    utimesSync(path, 1, 1)
    expect(store.fileHash(path)).toBeNull()
  })

  test('remembers imported models, also when it is cleared', () => {
    const store = open()
    store.importModel('mine', '/models/mine')
    store.importModel('mine', '/models/mine-2')
    store.putRun(exampleRun('a'), [{ tap: 'logits', tensor: matrix(2, 2) }])
    store.clear()
    expect(store.stats()).toMatchObject({ runs: 0, recordings: 0, bytes: 0 })
    expect(store.importedModels()).toEqual([{ id: 'mine', folder: '/models/mine-2' }])
    expect([store.removeModel('mine'), store.removeModel('mine')]).toEqual([true, false])
  })

  test('drops the least recently used beyond its limit, never the one just put', () => {
    let clock = 1_000_000
    const store = open({ limitBytes: 3.5 * 4e6, now: () => clock })
    const put = (id: string, rows = 1000) => {
      clock += 100_000
      store.putRun(exampleRun(id), [{ tap: 'logits', tensor: matrix(rows, 1000) }])
    }
    for (const id of ['a', 'b', 'c']) put(id)
    clock += 100_000
    expect(store.findRun('a')).not.toBeNull() // now b is the oldest
    put('d')
    expect(['a', 'b', 'c', 'd'].filter((id) => store.findRun(id))).toEqual(['a', 'c', 'd'])
    expect(store.stats().bytes).toBeLessThanOrEqual(3.5 * 4e6)
    put('huge', 5000)
    expect(['a', 'c', 'd', 'huge'].filter((id) => store.findRun(id))).toEqual(['huge'])
  })
})

test('overviews of an earlier version are kept, in parts that go with their recording', () => {
  const whole = Uint8Array.from({ length: 32 }, (_, i) => i)
  const earlier = new Sqlite(file())
  for (const migration of migrations.slice(0, 6)) earlier.exec(migration)
  earlier.pragma('user_version = 6')
  const card = JSON.stringify({ version, recording: { id: 'a~1' } })
  earlier.prepare('INSERT INTO recordings (id, card, overview, used) VALUES (?, ?, ?, 0)').run('a~1', card, whole)
  earlier.close()
  const store = open()
  const parts = store.findRecording('a~1')!.overview
  expect(parts.map((part) => [...part])).toEqual([0, 8, 16, 24].map((at) => [...whole.subarray(at, at + 8)]))
  store.clear()
  expect(store.stats()).toMatchObject({ recordings: 0, bytes: 0 })
})

describe('a reader', () => {
  test('sees what the writer puts while it is open, and cannot write', () => {
    const reader = open({ readOnly: true })
    open().putRun(exampleRun('a'), [{ tap: 'logits', tensor: matrix(2, 2) }])
    expect(reader.tensor('a', 'logits')).toEqual(matrix(2, 2))
    expect(() => reader.deleteRun('a')).toThrow(expect.objectContaining({ code: 'cannot-write' }))
  })
})

describe('misuse of a store', () => {
  test('rows and taps that are not there say so', () => {
    const store = open()
    store.putRun(exampleRun('a'), [{ tap: 'logits', tensor: matrix(2, 2) }])
    expect(() => store.tensor('a', 'features')).toThrow(expect.objectContaining({ code: 'not-found' }))
    expect(() => store.tensor('x', 'logits')).toThrow(expect.objectContaining({ code: 'not-found' }))
    expect(() => store.tensor('a', 'logits', [0, 3])).toThrow(/rows 0 to 3 of logits: it has 2/)
  })

  test('a folder that cannot be written is named', () => {
    writeFileSync(join(folder, 'file'), '')
    for (const bad of [join(folder, 'file'), join(folder, 'file', 'below'), '/proc/otoscope'])
      expect(() => openStore(bad)).toThrow(
        expect.objectContaining({ code: 'cannot-write', message: expect.stringContaining(bad) }),
      )
  })
})

describe('a damaged store', () => {
  const corrupt = (marker: Uint8Array): void => {
    const at = readFileSync(file()).indexOf(marker)
    expect(at).toBeGreaterThan(0)
    const descriptor = openSync(file(), 'r+')
    writeSync(descriptor, Uint8Array.of(0xff, 0xff), 0, 2, at)
    closeSync(descriptor)
  }
  const putAndClose = (): void => {
    const store = openStore(folder)
    store.putRun(exampleRun('a'), [{ tap: 'logits', tensor: matrix(100, 100, 12_345) }])
    store.putRun(exampleRun('b'), [{ tap: 'logits', tensor: matrix(100, 100) }])
    store.close()
  }

  test('a flipped byte in a tensor is found by reading and by verify, which deletes that run alone', () => {
    putAndClose()
    corrupt(new Uint8Array(Float32Array.of(12_400, 12_401).buffer))
    const store = open()
    expect(() => store.tensor('a', 'logits')).toThrow(/damaged/)
    expect(store.verify()).toEqual({ checked: 2, bad: 1 })
    expect(store.findRun('a')).toBeNull()
    expect(store.tensor('b', 'logits')).toEqual(matrix(100, 100))
    expect(store.verify()).toEqual({ checked: 1, bad: 0 })
  })

  test.for([
    ['text', Buffer.from('this is no database, it is a letter'.repeat(100))],
    ['a header and rubbish', Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(40_000, 0xaa)])],
  ] as const)('%s in place of the database is set aside with a notice', ([, bytes]) => {
    writeFileSync(file(), bytes)
    const notices: string[] = []
    const store = open({ onNotice: (message) => notices.push(message) })
    store.putRun(exampleRun('a'), [{ tap: 'logits', tensor: matrix(2, 2) }])
    expect(notices).toEqual([expect.stringMatching(/was damaged: it was set aside/)])
    expect(readdirSync(folder).some((name) => name.startsWith('otoscope.sqlite.corrupt-'))).toBe(true)
  })

  test('broken pages found by verify begin a new store', () => {
    putAndClose()
    const descriptor = openSync(file(), 'r+')
    writeSync(descriptor, new Uint8Array(16384 * 8).fill(0xaa), 0, 16384 * 8, 16384)
    closeSync(descriptor)
    const notices: string[] = []
    const store = open({ onNotice: (message) => notices.push(message) })
    expect(store.verify().bad + notices.length).toBeGreaterThan(0)
    store.putRun(exampleRun('c'), [{ tap: 'logits', tensor: matrix(2, 2) }])
    expect(store.findRun('c')).not.toBeNull()
    expect(notices.length).toBe(1)
  })
})

describe('several processes', () => {
  test('a writer killed in mid-write leaves whole runs only', async () => {
    for (const delay of [0, 15, 40]) {
      const child = spawn(process.execPath, [writer, folder, `w${delay}`])
      const [line] = (await once(child.stdout, 'data')) as [Buffer]
      expect(line.toString()).toContain(`w${delay}-0`)
      await new Promise((resolve) => setTimeout(resolve, delay))
      child.kill('SIGKILL')
      await once(child, 'exit')
      const store = openStore(folder)
      for (let i = 0; store.findRun(`w${delay}-${i}`); i++)
        expect(store.tensor(`w${delay}-${i}`, 'encoder.hidden.1').shape).toEqual([4096, 256])
      expect(store.verify().bad).toBe(0)
      store.close()
    }
  })

  test('two begin the same store and write at the same time', async () => {
    const children = ['left', 'right', 'third'].map((prefix) => fork(writer, [folder, prefix, '5'], { silent: true }))
    for (const [code] of await Promise.all(children.map((child) => once(child, 'exit')))) expect(code).toBe(0)
    expect(open().stats().runs).toBe(15)
    expect(open().verify().bad).toBe(0)
  })
})

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { PullProgress } from '../../../src/contract/hub.ts'
import { libraryEnvironment } from '../../../src/engine/devices/library-environment.ts'
import {
  checkLibrary,
  installLibraries,
  libraryCard,
  libraryCards,
  uninstallLibraries,
} from '../../../src/engine/devices/libraries.ts'
import type { LibraryPlaces } from '../../../src/engine/devices/libraries-place.ts'
import { createNet, type Net } from '../../../src/engine/net/net.ts'
import { makeElf } from '../../support/elf-file.ts'
import { startHub, type Hub } from '../../support/hub-server.ts'
import { createLibraryBench, type LibraryBench } from './library-bench.ts'

let hub: Hub
let net: Net
let bench: LibraryBench
let places: LibraryPlaces

beforeEach(async () => {
  hub = await startHub()
  net = createNet({ env: {}, firstWait: 5, timeouts: { connect: 500, headers: 500, body: 500 } })
  bench = await createLibraryBench()
  places = bench.servedFrom((name) => hub.file(name, bench.archives.get(name)!))
})
afterEach(async () => {
  await net.close()
  await hub.close()
  bench.close()
})

const installed = [
  '1.30.0-test/LICENSE-nvidia-cublas.txt',
  '1.30.0-test/installed.json',
  '1.30.0-test/libcublasLt.so.12',
  '1.30.0-test/libcudart.so.12',
  '1.30.0-test/libonnxruntime_providers_cuda.so',
  '1.30.0-test/libonnxruntime_providers_shared.so',
]
const libraries = (): string[] => bench.tree(places.folder).filter((name) => !name.endsWith('.unpacked'))
const nothingCounts = (): void => {
  expect(libraryCard(places).installed).toBe(false)
  expect(bench.tree(places.binding)).toEqual([])
  expect(libraryEnvironment({}, places)).toEqual({})
}

test('a card shows size and licence before anything is downloaded', () => {
  const sizes = places.manifest.packages.map(({ bytes }) => bytes)
  expect(libraryCards(places)).toEqual([
    {
      id: 'cuda',
      title: 'CUDA 12 made up',
      licence: 'MIT; and another',
      bytes: { download: sizes[0]! + sizes[1]!, disk: sizes[0]! + sizes[1]! },
      installed: false,
      partialBytes: 0,
      refused: '',
    },
  ])
  expect(hub.requests).toEqual([])
})

test('what is wanted is downloaded, unpacked and put in place, and nothing else', async () => {
  const seen: PullProgress[] = []
  const card = await installLibraries(net, places, { onProgress: (part) => seen.push(part) })
  expect(card).toMatchObject({ installed: true, partialBytes: 0, refused: '' })
  expect(libraries()).toEqual(installed)
  expect(readFileSync(join(places.folder, '1.30.0-test/LICENSE-nvidia-cublas.txt'), 'utf8')).toBe('the licence')
  const disk = installed
    .filter((name) => !name.endsWith('.json'))
    .map((name) => lstatSync(join(places.folder, name)).size)
  expect(card.bytes.disk).toBe(disk.reduce((sum, bytes) => sum + bytes))
  const all = card.bytes.download
  expect(seen.every(({ total }) => total === all)).toBe(true)
  expect(seen.map(({ bytes }) => bytes)).toEqual(seen.map(({ bytes }) => bytes).toSorted((a, b) => a - b))
  expect(seen.at(-1)).toMatchObject({ stage: 'verify', bytes: all })
})

test("onnxruntime's names lead to the one copy, and only processes that run models look for NVIDIA's there", async () => {
  await installLibraries(net, places)
  const name = 'libonnxruntime_providers_cuda.so'
  expect(readlinkSync(join(places.binding, name))).toBe(join(places.folder, '1.30.0-test', name))
  const folder = join(places.folder, '1.30.0-test')
  expect(libraryEnvironment({}, places)).toEqual({ LD_LIBRARY_PATH: folder })
  expect(libraryEnvironment({ LD_LIBRARY_PATH: '/opt/a:/opt/b' }, places)).toEqual({
    LD_LIBRARY_PATH: `${folder}:/opt/a:/opt/b`,
  })
  expect(process.env['LD_LIBRARY_PATH'] ?? '').not.toContain(folder)
})

test('installing twice downloads once', async () => {
  await installLibraries(net, places)
  const before = hub.requests.length
  expect(await installLibraries(net, places)).toMatchObject({ installed: true })
  expect(hub.requests.length).toBe(before)
})

test('links that an update of node_modules removed are made again without a download', async () => {
  await installLibraries(net, places)
  rmSync(join(places.binding, 'libonnxruntime_providers_cuda.so'))
  expect(libraryCard(places).installed).toBe(false)
  const before = hub.requests.length
  expect(await installLibraries(net, places)).toMatchObject({ installed: true })
  expect(hub.requests.length).toBe(before)
})

test('uninstalling removes all of it', async () => {
  await installLibraries(net, places)
  expect(await uninstallLibraries(places)).toMatchObject({ installed: false, partialBytes: 0, refused: '' })
  expect(existsSync(places.folder)).toBe(false)
  nothingCounts()
})

test("where the system has CUDA and cuDNN itself only onnxruntime's own part is downloaded", async () => {
  bench.systemFile('usr/lib/x86_64-linux-gnu/libcublasLt.so.12', makeElf({ machine: 62 }))
  bench.systemFile('usr/lib/x86_64-linux-gnu/libcudart.so.12', makeElf({ machine: 62 }))
  // one that is too old lacks a name that onnxruntime calls
  expect(libraryCard(places).bytes.download).toBe(
    places.manifest.packages[0]!.bytes + places.manifest.packages[1]!.bytes,
  )
  bench.systemFile(
    'usr/lib/x86_64-linux-gnu/libcudart.so.12',
    Buffer.concat([makeElf({ machine: 62 }), Buffer.from('cudaLibraryGetKernel')]),
  )
  expect(libraryCard(places).bytes.download).toBe(places.manifest.packages[0]!.bytes)
  await installLibraries(net, places)
  expect(libraries().filter((name) => name.includes('.so'))).toEqual(installed.slice(4))
})

test('an older version goes when a newer one is in place', async () => {
  mkdirSync(join(places.folder, '1.29.0-test'), { recursive: true })
  writeFileSync(join(places.folder, '1.29.0-test', 'libcudart.so.12'), 'old')
  const name = 'libonnxruntime_providers_cuda.so'
  symlinkSync(join(places.folder, '1.29.0-test', name), join(places.binding, name))
  expect(libraryCard(places)).toMatchObject({ installed: false, refused: '' })
  await installLibraries(net, places)
  expect(libraries()).toEqual(installed)
})

test('a library that lost bytes counts no longer, and is put right', async () => {
  await installLibraries(net, places)
  truncateSync(join(places.folder, '1.30.0-test/libcublasLt.so.12'), 100)
  expect(libraryCard(places).installed).toBe(false)
  expect(libraryEnvironment({}, places)).toEqual({})
  expect(await installLibraries(net, places)).toMatchObject({ installed: true })
})

test('a damaged receipt is none, and hinders no process from starting', async () => {
  await installLibraries(net, places)
  for (const text of ['', '{', '[]', '{"version": 1}']) {
    writeFileSync(join(places.folder, '1.30.0-test/installed.json'), text)
    expect(libraryEnvironment({}, places)).toEqual({})
    expect(libraryCard(places).installed).toBe(false)
  }
})

test('wrong bytes are refused, and nothing of them is used', async () => {
  hub.fault('nvidia-cublas.zip', { kind: 'wrong bytes' })
  await expect(installLibraries(net, places)).rejects.toMatchObject({ code: 'bad-download' })
  nothingCounts()
  hub.heal()
  expect(await installLibraries(net, places)).toMatchObject({ installed: true })
})

test('a download that was cut off goes on where it was', async () => {
  hub.fault('nvidia-cublas.zip', { kind: 'cut', after: 1_000_000 }, 1)
  expect(await installLibraries(net, places)).toMatchObject({ installed: true })
  const ranges = hub.requests.filter(({ path }) => path.includes('cublas')).map(({ headers }) => headers.range)
  expect(ranges.length).toBeGreaterThan(1)
  expect(ranges.at(-1)).toMatch(/^bytes=\d+-/)
})

test('a paused one says how much is here, and the next call takes the rest', async () => {
  hub.fault('nvidia-cublas.zip', { kind: 'hangs', after: 1_500_000 })
  const pause = new AbortController()
  const onProgress = ({ file, bytes }: PullProgress): void => {
    if (file === 'nvidia-cublas' && bytes > 1_000_000) pause.abort()
  }
  const paused = installLibraries(net, places, { signal: pause.signal, onProgress })
  await expect(paused).rejects.toMatchObject({ code: 'cancelled' })
  nothingCounts()
  expect(libraryCard(places).partialBytes).toBeGreaterThan(1_000_000)
  hub.heal()
  const before = hub.requests.length
  expect(await installLibraries(net, places)).toMatchObject({ installed: true, partialBytes: 0 })
  const again = hub.requests.slice(before)
  expect(again.every(({ path }) => path.includes('cublas'))).toBe(true)
  expect(again[0]?.headers.range).toMatch(/^bytes=1\d{6}-/)
})

test('a paused one is removed as well', async () => {
  hub.fault('nvidia-cublas.zip', { kind: 'status', status: 404 })
  await expect(installLibraries(net, places)).rejects.toMatchObject({ code: 'not-found' })
  expect(libraryCard(places).partialBytes).toBe(places.manifest.packages[0]!.bytes)
  expect(await uninstallLibraries(places)).toMatchObject({ partialBytes: 0 })
  expect(existsSync(places.folder)).toBe(false)
})

test('killed in the middle nothing counts as installed, and the next one goes on', async () => {
  hub.fault('nvidia-cublas.zip', { kind: 'hangs', after: 1_500_000 }, 1)
  const file = join(places.binding, '..', 'places.json')
  writeFileSync(file, JSON.stringify(places))
  const child = spawn(process.execPath, [fileURLToPath(new URL('./install-cuda.ts', import.meta.url)), file])
  for await (const text of child.stdout) if (/nvidia-cublas 1\d{6}/.test(String(text))) break
  child.kill('SIGKILL')
  await once(child, 'close')
  nothingCounts()
  expect(libraryCard(places).partialBytes).toBeGreaterThan(1_000_000)
  const before = hub.requests.length
  expect(await installLibraries(net, places)).toMatchObject({ installed: true })
  expect(hub.requests[before]?.headers.range).toMatch(/^bytes=1\d{6}-/)
  expect(libraries()).toEqual(installed)
})

test('an archive without what is wanted is refused', async () => {
  places.manifest.packages[1]!.take.push('nvidia/cublas/lib/libcufft.so.11')
  await expect(installLibraries(net, places)).rejects.toMatchObject({
    code: 'bad-download',
    message: expect.stringContaining('nvidia/cublas/lib/libcufft.so.11'),
  })
  nothingCounts()
})

test('a disk without room is found before the first byte is asked for', async () => {
  places.manifest.packages[0]!.disk = 1e18
  await expect(installLibraries(net, places)).rejects.toMatchObject({ code: 'no-space' })
  expect(hub.requests).toEqual([])
  nothingCounts()
})

test('another version of onnxruntime is refused with a sentence', async () => {
  const other = { ...places, onnxruntime: '1.31.0' }
  expect(libraryCard(other).refused).toMatch(/for onnxruntime 1\.30\.0, and Otoscope runs with 1\.31\.0/)
  await expect(installLibraries(net, other)).rejects.toMatchObject({ code: 'cannot-write' })
  expect(hub.requests).toEqual([])
})

test('a provider that somebody else has put there is left alone', async () => {
  const theirs = join(places.binding, 'libonnxruntime_providers_cuda.so')
  writeFileSync(theirs, 'theirs')
  expect(libraryCard(places)).toMatchObject({
    installed: false,
    refused: expect.stringContaining('by another program'),
  })
  await expect(installLibraries(net, places)).rejects.toMatchObject({ code: 'cannot-write' })
  await uninstallLibraries(places)
  expect(readFileSync(theirs, 'utf8')).toBe('theirs')
})

test('other systems have none to install', () => {
  for (const system of ['linux-arm64', 'darwin-arm64', 'win32-x64']) {
    expect(libraryCards({ ...places, system })).toEqual([])
    expect(libraryEnvironment({}, { ...places, system })).toEqual({})
    expect(() => checkLibrary('cuda', { ...places, system })).toThrow(/for Linux on x64 only/)
  }
  expect(() => checkLibrary('rocm', places)).toThrow(/there is cuda/)
})

import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { libraryFinder, missingLibraries } from '../../../src/engine/devices/library-search.ts'
import { bindingFolder } from '../../../src/engine/paths.ts'
import { makeElf } from '../../support/elf-file.ts'

let root: string
beforeEach(() => void (root = mkdtempSync(join(tmpdir(), 'loader-'))))
afterEach(() => rmSync(root, { recursive: true, force: true }))

const put = (path: string, ...wants: Parameters<typeof makeElf>): string => {
  const at = join(root, path)
  mkdirSync(dirname(at), { recursive: true })
  writeFileSync(at, makeElf(...wants))
  return at
}
const x64 = (...needed: string[]) => ({ needed, machine: 62 })
const places = (libraryPath = '') => ({ libraryPath, root })

test.runIf(process.platform === 'linux')(
  'on this machine nothing is missing for the onnxruntime that runs here',
  () => {
    expect(missingLibraries(join(bindingFolder, 'onnxruntime_binding.node'))).toEqual([])
  },
)

test.runIf(process.platform === 'linux' && spawnSync('/sbin/ldconfig', ['-p']).status === 0)(
  "the loader's cache is read as ldconfig reads it",
  () => {
    const find = libraryFinder({ libraryPath: '', root: '/' })
    const listed = spawnSync('/sbin/ldconfig', ['-p'], { encoding: 'utf8' }).stdout
    const first = new Map<string, string>()
    for (const [, name = '', path = ''] of listed.matchAll(/^\s(\S+) \(libc6,(?:x86-64|AArch64)\) => (\S+)$/gm))
      if (!first.has(name)) first.set(name, path)
    expect(first.size).toBeGreaterThan(0)
    for (const [name, path] of first) expect(find(name), name).toBe(path)
  },
)

test('the folders of LD_LIBRARY_PATH come before those a library names, and those before the system', () => {
  const app = put('app/libapp.so', { needed: ['liba.so.1'], runpath: '$ORIGIN/beside:${ORIGIN}', machine: 62 })
  expect(missingLibraries(app, places())).toEqual(['liba.so.1'])
  const system = put('usr/lib64/liba.so.1', x64())
  expect(missingLibraries(app, places())).toEqual([])
  expect(libraryFinder(places())('liba.so.1')).toBe(system)
  const chosen = put('chosen/liba.so.1', x64())
  expect(libraryFinder(places(`:${join(root, 'chosen')}:`))('liba.so.1')).toBe(chosen)
})

test('what a library needs in turn is missed in the order in which the loader asks', () => {
  const app = put('app/libapp.so', { needed: ['liba.so.1', 'libz.so.9'], runpath: '$ORIGIN', machine: 62 })
  put('app/liba.so.1', x64('libb.so.1', 'libapp.so'))
  put('lib/libb.so.1', x64('libc-gone.so.1', 'liba.so.1'))
  // libapp.so is not found again: its folder is what it names for itself alone
  expect(missingLibraries(app, places())).toEqual(['libc-gone.so.1', 'libapp.so', 'libz.so.9'])
})

test('a library for another processor is as good as none', () => {
  const app = put('app/libapp.so', x64('liba.so.1'))
  put('lib64/liba.so.1', { machine: 183 })
  expect(missingLibraries(app, places())).toEqual(['liba.so.1'])
  put('usr/lib/liba.so.1', x64())
  expect(missingLibraries(app, places())).toEqual([])
})

test('a file that is no library needs nothing, and a damaged cache is no obstacle', () => {
  mkdirSync(join(root, 'etc'))
  writeFileSync(join(root, 'etc/ld.so.cache'), 'glibc-ld.so.cache1.1\u00ff\u00ff\u00ff\u00ff')
  expect(libraryFinder(places())('liba.so.1')).toBeNull()
  const header = Buffer.alloc(80, 0xff)
  header.write('glibc-ld.so.cache1.1')
  writeFileSync(join(root, 'etc/ld.so.cache'), header)
  expect(libraryFinder(places())('liba.so.1')).toBeNull()
  writeFileSync(join(root, 'text'), 'text')
  expect(missingLibraries(join(root, 'text'), places())).toEqual([])
})

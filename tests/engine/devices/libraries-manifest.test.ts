import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { cudaManifest, keptName, parseLibraryManifest } from '../../../src/engine/devices/libraries-manifest.ts'
import { onnxruntimeVersion, resource } from '../../../src/engine/paths.ts'

const text = readFileSync(resource('cuda.json'), 'utf8')

test('the shipped list fits the onnxruntime that is installed, and says what it is', () => {
  const manifest = cudaManifest()
  expect(manifest.onnxruntime).toBe(onnxruntimeVersion)
  expect(manifest.version.startsWith(`${onnxruntimeVersion}-`)).toBe(true)
  expect(manifest.packages.every(({ url }) => url.startsWith('https://'))).toBe(true)
  expect(
    manifest.packages.every(
      ({ name, version, url }) => url.replaceAll('_', '-').includes(name.replaceAll('_', '-')) && url.includes(version),
    ),
  ).toBe(true)
})

test('everything the provider and the system list name is taken from some package, under one name each', () => {
  const { packages, provider, system } = cudaManifest()
  const names = packages.flatMap((item) => item.take.map((member) => keptName(item, member)))
  expect(new Set(names).size).toBe(names.length)
  for (const name of [...provider, ...system.map((library) => library.name)]) expect(names).toContain(name)
  const always = packages
    .filter((item) => item.always)
    .flatMap((item) => item.take.map((member) => keptName(item, member)))
  expect(always.toSorted()).toEqual(provider.toSorted())
})

test('a list with a path out of its folder, a wrong hash or an unknown field is refused', () => {
  const spoilt = (from: string, to: string): string => text.replace(from, to)
  for (const wrong of [
    spoilt('nvidia/cublas/lib/libcublas.so.12', '../../libcublas.so.12'),
    spoilt('nvidia/cublas/lib/libcublas.so.12', '/usr/lib/libcublas.so.12'),
    spoilt('nvidia/cublas/lib/libcublas.so.12', 'nvidia/cublas/bin/install.sh'),
    spoilt('"sha256": "f9886932', '"sha256": "F9886932'),
    spoilt('"https://github.com', '"file:///github.com'),
    spoilt('"archive": "tgz"', '"archive": "exe"'),
    spoilt('"driver"', '"drivers"'),
  ]) {
    expect(wrong).not.toBe(text)
    expect(() => parseLibraryManifest(wrong)).toThrow()
  }
})

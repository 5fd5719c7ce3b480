import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readElf } from '../../../src/engine/devices/elf.ts'
import { bindingFolder } from '../../../src/engine/paths.ts'
import { makeElf } from '../../support/elf-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'elf-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const written = (bytes: Uint8Array): string => {
  const path = join(folder, 'library.so')
  writeFileSync(path, bytes)
  return path
}

test.runIf(process.platform === 'linux')("onnxruntime's own library names what it needs", () => {
  const binding = readElf(join(bindingFolder, 'onnxruntime_binding.node'))
  expect(binding?.needed).toContain('libonnxruntime.so.1')
  expect(binding?.needed).toContain('libc.so.6')
  expect(binding?.runpath).toEqual(['$ORIGIN/'])
  expect(binding?.machine).toBe(process.arch === 'arm64' ? 183 : 62)
})

test('names come in the order in which they are wanted', () => {
  const path = written(
    makeElf({ needed: ['libcublasLt.so.12', 'libcudart.so.12'], runpath: '$ORIGIN:/opt/cuda', machine: 62 }),
  )
  expect(readElf(path)).toEqual({
    machine: 62,
    needed: ['libcublasLt.so.12', 'libcudart.so.12'],
    runpath: ['$ORIGIN', '/opt/cuda'],
  })
  expect(readElf(written(makeElf({ machine: 62 })))).toEqual({ machine: 62, needed: [], runpath: [] })
})

test('what is no shared library is none', () => {
  expect(readElf(join(folder, 'absent.so'))).toBeNull()
  expect(readElf(folder)).toBeNull()
  expect(readElf(written(Buffer.from('#!/bin/sh\n'.repeat(20))))).toBeNull()
  expect(readElf(written(Buffer.alloc(0)))).toBeNull()
})

test('a library cut off anywhere is none, or one with what was left of it', () => {
  const whole = makeElf({ needed: ['libcublasLt.so.12'], runpath: '$ORIGIN' })
  for (let length = 0; length < whole.length; length += 3) {
    const cut = readElf(written(whole.subarray(0, length)))
    expect(cut === null || cut.needed.length <= 1, `${length} bytes`).toBe(true)
  }
})

test('numbers that lead out of the file are no reason to read without end', () => {
  for (const at of [32, 54, 56, 128, 152, 280, 300]) {
    const spoilt = makeElf({ needed: ['libcublasLt.so.12'] })
    spoilt.fill(0xff, at, at + 2)
    expect(() => readElf(written(spoilt)), `byte ${at}`).not.toThrow()
  }
})

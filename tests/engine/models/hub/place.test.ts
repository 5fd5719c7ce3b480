import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { placeInSnapshot, writeRef } from '../../../../src/engine/models/hub/place.ts'

const commit = 'c'.repeat(40)
let folder: string
let blob: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'otoscope-place-'))
  mkdirSync(join(folder, 'blobs'))
  blob = join(folder, 'blobs', 'b'.repeat(64))
  writeFileSync(blob, 'weights')
})
afterEach(() => rmSync(folder, { recursive: true }))

const target = (): string => join(folder, 'snapshots', commit, 'onnx', 'model.onnx')

test('many at once make one link', async () => {
  await Promise.all(Array.from({ length: 10 }, () => placeInSnapshot(folder, commit, 'onnx/model.onnx', blob)))
  expect(lstatSync(target()).isSymbolicLink()).toBe(true)
  expect(readFileSync(target(), 'utf8')).toBe('weights')
  expect(readdirSync(join(target(), '..'))).toEqual(['model.onnx'])
})

test('a link that leads nowhere is replaced, and what is there stays', async () => {
  mkdirSync(join(target(), '..'), { recursive: true })
  symlinkSync('../../../blobs/gone', target())
  await placeInSnapshot(folder, commit, 'onnx/model.onnx', blob)
  expect(readFileSync(target(), 'utf8')).toBe('weights')
  const other = join(folder, 'blobs', 'd'.repeat(64))
  writeFileSync(other, 'others')
  await placeInSnapshot(folder, commit, 'onnx/model.onnx', other)
  expect(readFileSync(target(), 'utf8')).toBe('weights')
})

test('where the system refuses links the file itself is in the snapshot, whole', async () => {
  const refused = (): Promise<void> => Promise.reject(Object.assign(new Error('EPERM'), { code: 'EPERM' }))
  await placeInSnapshot(folder, commit, 'onnx/model.onnx', blob, refused)
  expect(lstatSync(target()).isFile()).toBe(true)
  expect(readFileSync(target(), 'utf8')).toBe('weights')
  expect(readdirSync(join(target(), '..'))).toEqual(['model.onnx'])
})

test('a revision is written whole, under its own name; a commit needs none', async () => {
  await writeRef(folder, 'refs/pr/1', commit)
  expect(readFileSync(join(folder, 'refs', 'refs', 'pr', '1'), 'utf8')).toBe(commit)
  await writeRef(folder, 'main', commit)
  await writeRef(folder, commit, commit)
  expect(readdirSync(join(folder, 'refs')).sort()).toEqual(['main', 'refs'])
})

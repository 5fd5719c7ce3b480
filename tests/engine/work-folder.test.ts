import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openWorkFolder } from '../../src/engine/work-folder.ts'
import { temporary } from './models/make-folder.ts'

let parent: string
beforeEach(() => void (parent = temporary()))
afterEach(() => rmSync(parent, { recursive: true }))

test('each is a folder of its own and goes when disposed of', () => {
  const first = openWorkFolder(join(parent, 'new'))
  {
    using second = openWorkFolder(join(parent, 'new'))
    writeFileSync(join(second.path, 'file'), 'x')
    expect(second.path).not.toBe(first.path)
    expect(readdirSync(join(parent, 'new'))).toHaveLength(2)
  }
  expect(readdirSync(join(parent, 'new'))).toHaveLength(1)
  expect(existsSync(first.path)).toBe(true)
})

test('what dead processes left is removed, what is not ours stays', () => {
  const dead = spawnSync(process.execPath, ['-e', '0']).pid
  const mine = openWorkFolder(parent)
  mkdirSync(join(parent, `work-${dead}-abc`))
  mkdirSync(join(parent, 'other'))
  const next = openWorkFolder(parent)
  expect(readdirSync(parent).sort()).toEqual(['other', basename(mine.path), basename(next.path)].sort())
})

test('only what is of the same kind is swept', () => {
  const dead = spawnSync(process.execPath, ['-e', '0']).pid
  for (const name of [`otoscope-uploads-${dead}-abc`, `otoscope-cache-${dead}-abc`]) mkdirSync(join(parent, name))
  using mine = openWorkFolder(parent, 'otoscope-uploads')
  expect(readdirSync(parent).sort()).toEqual([`otoscope-cache-${dead}-abc`, basename(mine.path)].sort())
})

test('a parent that cannot be made is an error', () => {
  writeFileSync(join(parent, 'file'), '')
  expect(() => openWorkFolder(join(parent, 'file', 'sub'))).toThrow('cannot make a work folder')
})

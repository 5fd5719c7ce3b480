import { appendFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { forgetFiles, recordedFiles, recordFile } from '../../../../src/engine/models/hub/record.ts'

let parent = ''
let folder = ''
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'otoscope-record-'))
  folder = join(parent, 'models--some--ast')
})
afterEach(() => rmSync(parent, { recursive: true }))

const file = (path: string) => ({ commit: 'c'.repeat(40), path, blob: 'b'.repeat(64) })

test('what was put into the cache is known until it is forgotten', () => {
  expect(recordedFiles(folder)).toEqual([])
  recordFile(folder, file('config.json'))
  recordFile(folder, file('onnx/model.onnx'))
  recordFile(folder, file('config.json'))
  expect(recordedFiles(folder)).toEqual([file('config.json'), file('onnx/model.onnx')])
  forgetFiles(folder, [file('config.json')])
  expect(recordedFiles(folder)).toEqual([file('onnx/model.onnx')])
  forgetFiles(folder, recordedFiles(folder))
  expect(readdirSync(folder)).toEqual([])
  forgetFiles(folder, [])
  expect(existsSync(folder)).toBe(true)
})

test('a line that is cut off, or that names a place outside the repository, says nothing', () => {
  recordFile(folder, file('config.json'))
  for (const odd of [file('../../other/config.json'), { ...file('a'), commit: '..' }, { ...file('a'), blob: '../x' }])
    appendFileSync(join(folder, 'otoscope.jsonl'), `${JSON.stringify(odd)}\n`)
  appendFileSync(join(folder, 'otoscope.jsonl'), '{"commit":"cc')
  expect(recordedFiles(folder)).toEqual([file('config.json')])
})

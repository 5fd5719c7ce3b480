import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { ModelCard } from '../../src/contract/model.ts'
import { resource } from '../../src/engine/paths.ts'
import { startCli, type Ended } from '../support/cli.ts'
import { starters } from '../support/models.ts'

/** A model goes to another machine on a stick: two caches and two data folders are the two machines. */

const folder = mkdtempSync(join(tmpdir(), 'otoscope-carry-'))
afterAll(() => rmSync(folder, { recursive: true }))

const here = (name: string): string => join(folder, name)
const on = (machine: 'first' | 'second', ...words: string[]): Promise<Ended> =>
  startCli([...words, '--cache', here(`${machine}-cache`)], { env: { OTOSCOPE_DATA: here(`${machine}-data`) } }).ended
const cards = async (machine: 'first' | 'second'): Promise<ModelCard[]> =>
  JSON.parse((await on(machine, 'models', 'list', '--json')).stdout) as ModelCard[]

test('an archive is written, taken in elsewhere, inspected there, and removed with its files', async () => {
  const out = here('whisper.tar')
  const written = await on('first', 'models', 'export', starters.whisper, '--out', out, '--json')
  expect(JSON.parse(written.stdout)).toEqual({ model: starters.whisper, out })
  expect(written.stderr).toContain(`${starters.whisper} to whisper.tar: copying`)
  const { stdout } = await on('second', 'models', 'import', out, '--json')
  expect(JSON.parse(stdout)).toMatchObject({ id: `${starters.whisper}-2`, origin: 'imported' })
  expect((await cards('second')).map(({ id }) => id)).toContain(`${starters.whisper}-2`)
  expect((await cards('first')).map(({ id }) => id)).not.toContain(`${starters.whisper}-2`)
  expect((await on('second', 'inspect', `${starters.whisper}-2`)).code).toBe(0)
  const removed = await on('second', 'models', 'remove', `${starters.whisper}-2`)
  expect(removed.stderr).toContain(`${starters.whisper}-2 is removed`)
  expect(readdirSync(join(here('second-data'), 'models'))).toEqual([])
})

test('a folder is imported where it lies, and forgotten without touching it', async () => {
  expect((await on('first', 'models', 'export', starters.ast, '--out', here('ast'))).code).toBe(0)
  expect((await on('second', 'models', 'import', here('ast'))).stderr).toContain('is known as ast now')
  expect((await on('second', 'models', 'remove', 'ast')).code).toBe(0)
  expect(existsSync(join(here('ast'), 'config.json'))).toBe(true)
})

test('one variant is exported alone where it is named, also the best', async () => {
  const model = here('two')
  cpSync(resource('models', starters.ast), model, { recursive: true })
  cpSync(join(model, 'onnx', 'model.onnx'), join(model, 'onnx', 'model_fp16.onnx'))
  for (const [reference, files] of [
    [model, ['model.onnx', 'model_fp16.onnx']],
    [`${model}:fp32`, ['model.onnx']],
    [`${model}:fp16`, ['model_fp16.onnx']],
  ] as const) {
    const { code, stderr } = await on('first', 'models', 'export', reference, '--out', here('variants'))
    expect(code, stderr).toBe(0)
    expect(readdirSync(join(here('variants'), 'onnx'))).toEqual(files)
    rmSync(here('variants'), { recursive: true })
  }
})

test('wrong usage, unknown models, outputs that exist and damaged archives are told in one sentence', async () => {
  expect((await on('first', 'models', 'export', starters.ast)).code).toBe(2)
  writeFileSync(here('there.tar'), 'mine')
  const existing = await on('first', 'models', 'export', starters.ast, '--out', here('there.tar'))
  expect(existing).toMatchObject({ code: 1, stdout: '' })
  expect(existing.stderr).toMatch(/there\.tar is there already/)
  expect(readFileSync(here('there.tar'), 'utf8')).toBe('mine')
  const damaged = await on('second', 'models', 'import', here('there.tar'))
  expect(damaged.code).toBe(1)
  expect(damaged.stderr.trim().split('\n')).toEqual([
    'otoscope: there.tar cannot be imported: it is no archive of a model; copy it again from where it was exported',
  ])
  expect((await on('first', 'models', 'export', 'nothing', '--out', here('x.tar'))).stderr).toContain(
    'no model nothing',
  )
  expect(existsSync(here('x.tar'))).toBe(false)
})

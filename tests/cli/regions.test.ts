import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { writeWav } from '../../src/formats/wav.ts'
import { runCli } from '../support/cli.ts'
import { tone } from '../support/sounds.ts'

const folder = mkdtempSync(join(tmpdir(), 'otoscope-regions-'))
const at = (name: string): string => join(folder, name)
const cache = ['--cache', at('cache')]
writeFileSync(at('tone.wav'), tone(3, 440))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('regions go from one program’s file to another’s, and what could not be read is said', async () => {
  writeFileSync(at('in.csv'), 'start,end,name\n0.5,1.25,wren\n2,1,backwards\n"1,5",2,comma\n')
  const brought = await runCli('regions', 'import', at('tone.wav'), at('in.csv'), ...cache)
  expect(brought.code).toBe(0)
  expect(brought.stderr).toContain('line 3: it ends at 1 s, before it starts at 2 s')
  expect(brought.stderr).toContain('1 regions of')
  const again = await runCli('regions', 'import', at('tone.wav'), at('in.csv'), '--json', ...cache)
  expect(JSON.parse(again.stdout)).toMatchObject({ format: 'csv', regions: 0, notes: ['1 is in the list already'] })
  const written = await runCli('regions', 'export', at('tone.wav'), at('out.labels.txt'), ...cache)
  expect(written.code).toBe(0)
  expect(readFileSync(at('out.labels.txt'), 'utf8')).toBe('0.500000\t1.250000\twren\n')
})

test('a channel has a list of its own, and says in a Raven table which it is', async () => {
  const two = [Float32Array.of(0, 0.5, 0, -0.5), Float32Array.of(0, 0.1, 0, -0.1)]
  writeFileSync(at('two.wav'), writeWav({ rate: 2, channels: two }))
  writeFileSync(at('one.csv'), 'start,end,name\n0.5,1.25,wren\n')
  const right = ['--channel', 'right', ...cache]
  expect((await runCli('regions', 'import', at('two.wav'), at('one.csv'), ...right)).code).toBe(0)
  expect((await runCli('regions', 'export', at('two.wav'), at('right.txt'), ...right)).code).toBe(0)
  expect(readFileSync(at('right.txt'), 'utf8').split('\n')[1]).toMatch(/^1\tSpectrogram 1\t2\t0\.5\d*\t1\.25/)
  const mix = await runCli('regions', 'export', at('two.wav'), at('mix.txt'), '--json', ...cache)
  expect(JSON.parse(mix.stdout)).toMatchObject({ regions: 0 })
})

test('a file that is no list of regions is one sentence, and nothing is written where nothing can be', async () => {
  const read = await runCli('regions', 'import', at('tone.wav'), at('tone.wav'), ...cache)
  expect(read.code).toBe(1)
  expect(read.stderr).toContain('tone.wav cannot be read: this is no text file')
  const written = await runCli('regions', 'export', at('tone.wav'), join(folder, 'no', 'x.csv'), ...cache)
  expect(written.code).toBe(1)
  expect(written.stderr).toContain('cannot be written')
  expect((await runCli('regions', 'export', at('tone.wav'), at('x'), '--format', 'midi')).code).toBe(2)
})

import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Joined } from '../../src/contract/joined.ts'
import { readNpy } from '../../src/formats/npy.ts'
import { writeWav } from '../../src/formats/wav.ts'
import { runCli, startCli } from '../support/cli.ts'
import { shapes, starters } from '../support/models.ts'

/** A region of three of AST's windows, by real processes: killed, resumed, written. */

const folder = mkdtempSync(join(tmpdir(), 'otoscope-export-'))
afterAll(() => rmSync(folder, { recursive: true }))
const [rate, seconds] = [16_000, 26]
const tone = Float32Array.from({ length: rate * seconds }, (_, n) => 0.3 * Math.sin(((n / rate) * 0.4 + 0.1) * n))
writeFileSync(join(folder, 'long.wav'), writeWav({ rate, channels: [tone] }))
const words = (out: string, ...more: string[]): string[] => [
  'export',
  join(folder, 'long.wav'),
  '--model',
  starters.ast,
  '--region',
  '0:25',
  '--out',
  join(folder, out),
  '--cache',
  join(folder, 'cache'),
  ...more,
]

test('what was killed in the middle goes on where it was, and its windows leave joined', async () => {
  const killed = startCli(words('killed.csv'))
  await killed.shown(/window 2 of 3/)
  killed.kill('SIGKILL')
  await killed.ended

  const interrupted = startCli(words('interrupted'))
  await interrupted.shown(/window [23] of 3/)
  interrupted.kill('SIGINT')
  const { code, stderr } = await interrupted.ended
  expect(code).toBe(130)
  expect(stderr).not.toContain('window 1 of 3')
  expect(stderr).toContain('attention stays within a window and is left out')
  expect(readdirSync(folder).filter((name) => name.includes('interrupted'))).toEqual([])

  const { width, columns } = shapes.ast
  const whole = await runCli(
    ...words('arrays', '--taps', 'encoder.hidden.5,logits,encoder.attention.0', '--heads', '0'),
  )
  expect(whole).toMatchObject({ code: 0 })
  expect(whole.stderr).not.toContain('window 1 of 3')
  const read = (name: string) => readNpy(readFileSync(join(folder, 'arrays', `${name}.npy`)))
  const { shape } = read('encoder.hidden.5')
  expect([shape[0], shape[2]]).toEqual([8, width])
  expect(shape[1]).toBeGreaterThan(2 * columns)
  expect(shape[1]).toBeLessThan(3 * columns)
  expect(read('window.2.encoder.attention.0').shape).toEqual([1, shapes.ast.tokens, shapes.ast.tokens])
  const metadata = JSON.parse(readFileSync(join(folder, 'arrays', 'metadata.json'), 'utf8')) as {
    windows: { heard: number[]; shown: number[]; provider: string }[]
    pieces: { encoder: { at: number; start: number }[] }
  }
  expect(metadata).toMatchObject({ region: [0, 25], seams: [10.24, 20.48] })
  expect(metadata.windows[2]).toMatchObject({ heard: [14.76, 25], shown: [20.48, 25], provider: 'cpu' })
  expect(metadata.pieces.encoder.map(({ at }) => at)).toEqual([0, columns, 2 * columns])

  const table = await runCli(...words('labels.csv'))
  expect(table).toMatchObject({ code: 0 })
  expect(table.stderr).not.toMatch(/window \d/)
  const lines = readFileSync(join(folder, 'labels.csv'), 'utf8').trimEnd().split('\r\n')
  expect(lines[0]).toBe('window,kind,text,start (s),end (s),probability')
  expect(lines.filter((line) => /^2,label,.*,20\.48,25,0\.\d/.test(line))).toHaveLength(20)
  const said = await runCli(...words('labels.json', '--json'))
  const json = JSON.parse(readFileSync(join(folder, 'labels.json'), 'utf8')) as Joined
  expect(json.windows.map(({ shown }) => shown)).toEqual([
    [0, 10.24],
    [10.24, 20.48],
    [20.48, 25],
  ])
  expect(JSON.parse(said.stdout)).toMatchObject({ windows: json.windows, out: join(folder, 'labels.json') })
}, 120_000)

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect } from 'vitest'
import { runCli } from '../support/cli.ts'
import { starters } from '../support/models.ts'
import { testNeeding } from '../support/needs.ts'

const folder = mkdtempSync(join(tmpdir(), 'otoscope-raw-cli-'))
afterAll(() => rmSync(folder, { recursive: true }))

testNeeding('ffmpeg')(
  'a file without a header is read as --raw says; without it, it is said how',
  async () => {
    const samples = Int16Array.from({ length: 16_000 }, (_, n) => 8000 * Math.sin(n / 9))
    const path = join(folder, 'take.raw')
    writeFileSync(path, new Uint8Array(samples.buffer))
    const words = ['export', path, '--model', starters.wav2vec2, '--out', join(folder, 'x.npz'), '--taps', 'features']
    const read = (...more: string[]) => runCli(...words, '--cache', join(folder, 'cache'), '--json', ...more)
    const whole = await read('--raw', 's16le:8000:2')
    expect(whole.code).toBe(0)
    // two channels of 8000 frames at 8 kHz are a second
    expect(JSON.parse(whole.stdout)).toMatchObject({ recording: { name: 'take.raw' }, region: [0, 1] })
    const without = await read()
    expect(without.code).toBe(1)
    expect(without.stderr).toContain(
      'take.raw has no header: it must be said how it is to be read, such as --raw s16le:48000:2',
    )
  },
  90_000,
)

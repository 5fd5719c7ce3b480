import { execFile } from 'node:child_process'
import { statfsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ffmpegPath } from '../support/needs.ts'
import { compare, milliseconds, printTable, type Row } from './measure.ts'
import { inFolder } from './material.ts'

/**
 * An hour of sound opened for the first time (hash, decode, overview) against ffmpeg decoding the same file to nowhere, in turn; and
 * the greatest resident memory of the process that opens it, against 200 MB. `node tests/bench/import.ts [seconds]`
 */
const run = promisify(execFile)
const seconds = Number(process.argv[2] ?? 3600)
const rounds = 3
const wantedMb = 200

const ffmpeg = (...words: string[]) => run(ffmpegPath, ['-v', 'error', '-nostdin', '-y', ...words])
const once = async (file: string): Promise<{ milliseconds: number; resident: number }> => {
  const { stdout } = await run(process.execPath, [join(import.meta.dirname, 'import-once.ts'), file])
  return JSON.parse(stdout) as { milliseconds: number; resident: number }
}

const tones = `0.3*sin(2*PI*300*t)+0.05*random(0)|0.2*sin(2*PI*700*t)+0.05*random(1)`
const formats: [name: string, options: string[]][] = [
  ['hour.mp3', ['-c:a', 'libmp3lame', '-b:a', '128k']],
  ['hour.flac', ['-c:a', 'flac']],
  ['hour-192k-24bit.wav', ['-ar', '192000', '-c:a', 'pcm_s24le', '-rf64', 'auto']],
]

const measure = async (name: string, file: string): Promise<Row[]> => {
  const pairs: [number, number][] = []
  const resident: number[] = []
  for (let round = 0; round < rounds; round++) {
    const decode = () => milliseconds(() => ffmpeg('-i', file, '-f', 'null', '-'))
    const early = round % 2 === 0 ? await decode() : null
    const ours = await once(file)
    pairs.push([ours.milliseconds, early ?? (await decode())])
    resident.push(ours.resident / 1e6)
  }
  const most = Math.max(...resident)
  return [
    { what: `${name} opened`, against: 'ffmpeg -f null', ...compare(pairs) },
    { what: `${name}: peak memory`, against: 'wanted', unit: 'MB', ...compare([[most, wantedMb]]) },
  ]
}

await inFolder(async (folder) => {
  // the largest is 4.15 GB an hour, the source 0.64 GB
  const { bavail, bsize } = statfsSync(folder)
  if (bavail * bsize < 5.5e9 * (seconds / 3600)) throw new Error(`${folder} has too little room for the recordings`)
  const source = join(folder, 'source.wav')
  await ffmpeg('-f', 'lavfi', '-i', `aevalsrc=exprs=${tones}:s=44100:d=${seconds}`, '-c:a', 'pcm_s16le', source)
  const rows: Row[] = []
  for (const [name, options] of formats) {
    const file = join(folder, name)
    await ffmpeg('-i', source, ...options, file)
    rows.push(...(await measure(name, file)))
  }
  printTable(rows)
})

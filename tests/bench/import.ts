import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'vite'
import { readClip } from '../../src/engine/audio/clip.ts'
import { findFfmpeg } from '../../src/engine/audio/ffmpeg.ts'
import { openRecording } from '../../src/engine/audio/open.ts'
import { openStore } from '../../src/engine/store/database.ts'
import { ffmpegPath } from '../support/needs.ts'
import { compare, milliseconds, printTable, type Row } from './measure.ts'
import { inFolder } from './material.ts'

/**
 * An hour of sound opened for the first time (hash, decode, overview, coarse spectrogram, store) against ffmpeg decoding the same file to nowhere, in turn; and
 * the greatest resident memory of the process that opens it, against 200 MB; until the first of its overview is told, and until it is open
 * again; a stretch near its end against opening all of it. `node tests/bench/import.ts [seconds]`
 */
const run = promisify(execFile)
const seconds = Number(process.argv[2] ?? 3600)
const rounds = 3
const wantedMb = 200

const ffmpeg = (...words: string[]) => run(ffmpegPath, ['-v', 'error', '-nostdin', '-y', ...words])
/** As it is shipped: Node's own compiler of TypeScript takes 35 MB. */
const built = async (): Promise<string> => {
  const outDir = join(import.meta.dirname, '../../out/bench')
  await build({
    configFile: false,
    logLevel: 'error',
    build: { ssr: join(import.meta.dirname, 'import-once.ts'), outDir, minify: false, target: 'node24' },
  })
  return join(outDir, 'import-once.js')
}
const program = await built()
const once = async (file: string): Promise<{ milliseconds: number; resident: number }> => {
  const { stdout } = await run(process.execPath, [program, file])
  return JSON.parse(stdout) as { milliseconds: number; resident: number }
}

const tones = `0.3*sin(2*PI*300*t)+0.05*random(0)|0.2*sin(2*PI*700*t)+0.05*random(1)`
const formats: [name: string, options: string[]][] = [
  ['hour.mp3', ['-c:a', 'libmp3lame', '-b:a', '128k']],
  ['hour.flac', ['-c:a', 'flac']],
  ['hour-192k-24bit.wav', ['-ar', '192000', '-c:a', 'pcm_s24le', '-rf64', 'auto']],
]

/** Opened in this process with a store: until the first of the overview is told; whole; again; and five seconds of its sound a minute before its end. */
const openKnown = async (file: string) => {
  const folder = mkdtempSync(join(tmpdir(), 'otoscope-bench-store-'))
  const store = openStore(folder)
  try {
    const began = performance.now()
    let first = Infinity
    const onHeard = () => (first = Math.min(first, performance.now() - began))
    const opened = await milliseconds(() => openRecording(file, { known: store, onHeard }))
    const again = await milliseconds(() => openRecording(file, { known: store }))
    const one = await openRecording(file, { known: store })
    const start = Math.max(0, one.recording.seconds - 60)
    const region = await milliseconds(() =>
      readClip(file, one.recording, [start, start + 5], 16_000, undefined, 'auto', one.overview),
    )
    return { first, opened, again, region }
  } finally {
    store.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

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
  const known = await openKnown(file)
  return [
    { what: `${name} opened`, against: 'ffmpeg -f null', ...compare(pairs) },
    { what: `${name}: peak memory`, against: 'wanted', unit: 'MB', ...compare([[most, wantedMb]]) },
    { what: `${name}: first of its overview`, against: 'wanted', ...compare([[known.first, 300]]) },
    { what: `${name} opened again`, against: 'wanted', ...compare([[known.again, 300]]) },
    { what: `${name}: 5 s near its end`, against: 'opened', ...compare([[known.region, known.opened]]) },
  ]
}

// a page asks for it when it is loaded
await findFfmpeg()
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

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findFfmpeg } from '../../src/engine/audio/ffmpeg.ts'
import { createOpenings } from '../../src/engine/audio/openings.ts'
import { createSounds } from '../../src/engine/audio/sounds.ts'
import { openStore } from '../../src/engine/store/database.ts'
import { peakBytes } from './measure.ts'

/**
 * One recording opened in a process of its own as the program does it, for import.ts: overview and coarse spectrogram made, kept in a
 * store, and told of as they grow. Milliseconds, and its peak of resident bytes.
 */
const folder = mkdtempSync(join(tmpdir(), 'otoscope-bench-store-'))
const store = openStore(folder)
const sounds = createSounds({ known: store, coarse: store })
const openings = createOpenings()
openings.subscribe(() => undefined)
const path = process.argv[2]!
// a page asks for it when it is loaded
await findFfmpeg()
const began = performance.now()
await openings.follow(path, AbortSignal.timeout(2 ** 31 - 1), (options) => sounds.open(path, options))
const milliseconds = performance.now() - began
store.close()
rmSync(folder, { recursive: true })
console.log(JSON.stringify({ milliseconds, resident: peakBytes() }))
process.exit(0)

import { writeSync } from 'node:fs'
import { keepWhatDriversPrint } from '../../../src/engine/inference/stderr.ts'

/** Prints as a driver does, past Node: 2000 lines, each a write of its own, after Node has opened the same pipe. */
console.error('a warning')
keepWhatDriversPrint()
for (let i = 0; i < 2000; i++) writeSync(2, `line ${i}\n`)
process.exit(0)

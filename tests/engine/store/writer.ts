import { openStore } from '../../../src/engine/store/database.ts'
import { exampleRun, matrix } from './example-run.ts'

/** A process to fork: `writer.ts <folder> <prefix> <runs>` puts runs one after another, 0 meaning without end. */
const [folder = '', prefix = '', count = '0'] = process.argv.slice(2)
const store = openStore(folder)
const big = matrix(4096, 256)
for (let i = 0; i < (Number(count) || Infinity); i++) {
  store.putRun(exampleRun(`${prefix}-${i}`), [
    { tap: 'encoder.hidden.0', tensor: big },
    { tap: 'encoder.hidden.1', tensor: big },
  ])
  process.stdout.write(`${prefix}-${i}\n`)
}
store.close()

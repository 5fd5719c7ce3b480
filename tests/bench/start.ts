import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { root } from '../../src/engine/paths.ts'
import { printTable, times } from './measure.ts'
import { inFolder, models } from './material.ts'

/** The built command line (`npm run build`) against an empty Node. */
const run = promisify(execFile)
const empty = () => run(process.execPath, ['-e', '0'])

await inFolder(async (folder) => {
  const cli = (...words: string[]) => run(process.execPath, [join(root, 'out/main/cli.js'), ...words])
  const [model] = models()
  const version = await times(() => cli('--version'), empty, 11)
  const inspect = await times(() => cli('inspect', model!.folder, '--cache', folder), empty, 11)
  printTable([
    { what: 'otoscope --version', against: 'node -e 0', ...version },
    { what: `otoscope inspect ${model!.card.id}`, against: 'node -e 0', ...inspect },
  ])
})

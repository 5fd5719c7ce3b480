import { existsSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { EngineError } from '../../contract/errors.ts'
import { manifestName, parseManifest } from './archive-manifest.ts'
import { blocksOf, copyHashed, createMeter, type Copying } from './copying.ts'

/**
 * Reads every file of a folder that `exportModel` made and holds it to the manifest; a folder without one is taken as it is.
 * Throws `bad-download` naming the first file that is damaged or missing.
 */
export const verifyFolder = async (folder: string, { signal, part }: Copying): Promise<void> => {
  const path = join(folder, manifestName)
  if (!existsSync(path)) return
  const files = [...parseManifest(readFileSync(path, 'utf8'))].map(([name, hash]) => {
    const stat = statSync(join(folder, name), { throwIfNoEntry: false })
    if (!stat?.isFile()) throw wrong(folder, name, 'missing')
    return { name, hash, bytes: stat.size }
  })
  const meter = createMeter(
    files.reduce((sum, { bytes }) => sum + bytes, 0),
    part,
  )
  for (const { name, hash } of files) {
    const blocks = blocksOf(join(folder, name), signal)
    const found = await copyHashed(blocks, null, (more) => meter(name, more)).catch((error: unknown) => {
      throw signal.aborted ? error : wrong(folder, name, 'not readable')
    })
    if (found !== hash) throw wrong(folder, name, 'damaged')
  }
}

const wrong = (folder: string, name: string, what: 'damaged' | 'missing' | 'not readable'): EngineError =>
  new EngineError(
    'bad-download',
    `${name} of ${basename(folder)} is ${what}: copy the folder again, or remove ${manifestName} where it was changed on purpose`,
    { file: name },
  )

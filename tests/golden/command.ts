import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { loadTensors, type LoadedTensor } from './load.ts'

/** The real command line, run from source. */

const root = fileURLToPath(new URL('../../', import.meta.url))

/** What it prints; rejects with its last words where it ends with another exit code than 0. */
export const otoscope = async (...words: string[]): Promise<string> => {
  const run = promisify(execFile)(process.execPath, ['src/cli/index.ts', ...words], { cwd: root, maxBuffer: 1 << 26 })
  const { stdout } = await run.catch((error: { stderr?: string; message: string }) => {
    throw new Error(`otoscope ${words.join(' ')}: ${error.stderr || error.message}`)
  })
  return stdout
}

/** What `otoscope export RECORDING --model MODEL …` on the processor writes, by array name. */
export const exportedArrays = async (
  recording: string,
  model: string,
  ...options: string[]
): Promise<Map<string, LoadedTensor>> => {
  const folder = mkdtempSync(join(tmpdir(), 'otoscope-golden-'))
  try {
    const out = join(folder, 'out.safetensors')
    await otoscope('export', recording, '--model', model, '--out', out, '--device', 'cpu', ...options)
    return loadTensors(out)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { root } from '../../src/engine/paths.ts'

/** The program as a newcomer starts it: `otoscope serve` from the build, on a free port, with a cache and settings of its own. */
export interface Served {
  url: string
  child: ChildProcess
  cache: string
  close(): Promise<void>
}

export const serve = async (files: string[] = [], options: { env?: NodeJS.ProcessEnv } = {}): Promise<Served> => {
  const folder = mkdtempSync(join(tmpdir(), 'otoscope-e2e-'))
  const cache = join(folder, 'cache')
  const child = spawn(
    process.execPath,
    [join(root, 'out/main/cli.js'), 'serve', ...files, '--port', '0', '--cache', cache],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, OTOSCOPE_SETTINGS: join(folder, 'settings'), ...options.env },
    },
  )
  let errors = ''
  child.stderr.on('data', (bytes: Buffer) => (errors += bytes.toString()))
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const url = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).once('line', resolve)
    child.once('exit', (code) => reject(new Error(`serve ended with ${code}: ${errors}`)))
  })
  return {
    url,
    child,
    cache,
    close: async () => {
      child.kill('SIGTERM')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { root } from '../engine/paths.ts'
import { EngineError } from '../contract/errors.ts'
import { endSignals, type CommonOptions } from './session.ts'
import { say } from './terminal.ts'

/** Electron's package comes from the registry, its program from elsewhere: it may be missing (and the package too). */

const packageFolder = (): string | null => {
  try {
    return dirname(createRequire(import.meta.url).resolve('electron/package.json'))
  } catch {
    return null
  }
}

/** The program's path, or null where it is not installed. Importing `electron` would try to download it. */
export const electronBinary = (): string | null => {
  const folder = packageFolder()
  if (!folder || !existsSync(join(folder, 'path.txt'))) return null
  const program = readFileSync(join(folder, 'path.txt'), 'utf8').trim()
  const binary = join(process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(folder, 'dist'), program)
  return existsSync(binary) ? binary : null
}

/** Runs Electron's own installer once; null where it cannot download. */
export const installElectron = async (): Promise<string | null> => {
  const folder = packageFolder()
  if (!folder || !(await isReachable())) return null
  say("getting Electron's program, once, about 120 MB")
  const began = Date.now()
  const timer = setInterval(() => say(`still downloading (${Math.round((Date.now() - began) / 1000)} s)`), 10_000)
  const installer = spawn(process.execPath, [join(folder, 'install.js')], { stdio: ['ignore', 'ignore', 'ignore'] })
  let interrupted = false
  const stop = (): void => {
    interrupted = true
    installer.kill()
  }
  for (const name of endSignals) process.once(name, stop)
  const code = await new Promise<number | null>((done) => {
    installer.on('error', () => done(1))
    installer.on('exit', done)
  })
  clearInterval(timer)
  for (const name of endSignals) process.off(name, stop)
  if (interrupted) throw new EngineError('cancelled', 'cancelled')
  return code === 0 ? electronBinary() : null
}

const reachMilliseconds = 4000

/** The installer tries for minutes where nothing answers; behind a proxy only it can tell. */
const isReachable = async (): Promise<boolean> => {
  const { env } = process
  if (env.ELECTRON_GET_USE_PROXY || env.HTTPS_PROXY || env.https_proxy) return true
  const mirror = env.ELECTRON_MIRROR ?? env.npm_config_electron_mirror ?? 'https://github.com/electron/electron/'
  try {
    await fetch(mirror, { method: 'HEAD', redirect: 'manual', signal: AbortSignal.timeout(reachMilliseconds) })
    return true
  } catch {
    return false
  }
}

/** A window that ends with an error sooner than this never was one: no graphics, a sandbox that is refused. */
const startMilliseconds = 15_000

/** Opens the window and waits until it is closed; or the reason why it did not open. */
export const openWindow = (binary: string, paths: string[], options: CommonOptions): Promise<string | null> => {
  const env = {
    ...process.env,
    ...(options.threads === undefined ? {} : { OTOSCOPE_THREADS: String(options.threads) }),
    ...(options.memoryLimit === undefined ? {} : { OTOSCOPE_MEMORY_LIMIT: String(options.memoryLimit) }),
    ...(typeof options.cache === 'string' ? { OTOSCOPE_CACHE: options.cache } : {}),
  }
  const began = Date.now()
  const child = spawn(binary, [root, ...paths], { stdio: ['ignore', 'ignore', 'pipe'], env })
  let told = false
  const stop = (): void => {
    told = true
    child.kill()
  }
  for (const name of endSignals) process.once(name, stop)
  return new Promise((done) => {
    child.stderr.resume()
    child.on('error', () => done('Electron could not be started'))
    child.on('exit', (code, signal) => {
      for (const name of endSignals) process.off(name, stop)
      const failed = code !== 0 && !told && Date.now() - began < startMilliseconds
      done(failed ? `Electron ended at once (${signal ?? `code ${code}`})` : null)
    })
  })
}

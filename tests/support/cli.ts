import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { root } from '../../src/engine/paths.ts'

/** The command line as a process of its own, from source. */

export interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

export interface Started {
  kill(signal: NodeJS.Signals): void
  /** resolves with the match when stdout and stderr together have shown `pattern` */
  shown(pattern: RegExp): Promise<string[]>
  ended: Promise<Ended>
}

export interface CliOptions {
  env?: NodeJS.ProcessEnv
  /** what stands on its stdin; nothing unless given */
  input?: string
}

export const startCli = (words: string[], { env, input = '' }: CliOptions = {}): Started => {
  const child = spawn(process.execPath, [join(root, 'src/cli/index.ts'), ...words], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  child.stdin.on('error', () => undefined) // it may end without having read
  child.stdin.end(input)
  const result: Ended = { code: null, stdout: '', stderr: '' }
  const listeners = new Set<() => void>()
  const collect = (key: 'stdout' | 'stderr') => (bytes: Buffer) => {
    result[key] += bytes.toString()
    for (const listener of listeners) listener()
  }
  child.stdout.on('data', collect('stdout'))
  child.stderr.on('data', collect('stderr'))
  const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ ...result, code })))
  const shown = (pattern: RegExp): Promise<string[]> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const match = pattern.exec(result.stdout + result.stderr)
        if (match) resolve(match)
      }
      listeners.add(look)
      look()
      void ended.then(() => reject(new Error(`ended without showing ${pattern}: ${result.stderr}`)))
    })
  return { kill: (signal) => void child.kill(signal), shown, ended }
}

export const runCli = (...words: string[]): Promise<Ended> => startCli(words).ended

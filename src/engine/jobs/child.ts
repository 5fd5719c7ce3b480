import { fork } from 'node:child_process'
import type { Port } from '../../rpc/port.ts'
import { channelPort } from '../../rpc/ports/emitter.ts'
import { inferenceEnvironment } from './environment.ts'

/** A process that was started and speaks over `port`; the port closes when the process ends. */
export interface Child {
  pid: number | undefined
  port: Port
  /** settles when it has ended, with how: "exit code 1", "SIGKILL" */
  ended: Promise<string>
  /** the end of what it has printed as errors since this was last asked; whole once `ended` has settled */
  errors(): string
  /** at once, whatever it is doing */
  kill(): void
}

export interface SpawnOptions {
  /** added to its environment */
  env?: NodeJS.ProcessEnv
}

/** Starts a module as a process; Electron's main process would pass one made of its own utility processes. */
export type Spawn = (entry: string, args: string[], options?: SpawnOptions) => Child

/** A driver may print without end. */
const errorsKept = 200_000
/** A process that one of its own started may hold its stderr open after it. */
const lastWordsMilliseconds = 500

/**
 * A Node process. Its standard output is dropped: that of the command line belongs to results. What drivers and libraries print as
 * errors is kept, and tells nobody anything unless something goes wrong.
 */
export const forkChild: Spawn = (entry, args, { env = {} } = {}) => {
  const child = fork(entry, args, {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: [],
    env: { ...inferenceEnvironment(), ...env },
  })
  let printed = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (printed = (printed + text).slice(-errorsKept)))
  const errors = (): string => {
    const last = printed
    printed = ''
    return last
  }
  const ended = new Promise<string>((resolve) => {
    child.on('exit', (code, signal) => {
      const how = signal ?? `exit code ${code}`
      const late = setTimeout(() => resolve(how), lastWordsMilliseconds)
      child.on('close', () => {
        clearTimeout(late)
        resolve(how)
      })
    })
    // it could not be started at all
    child.on('error', (error) => resolve(error.message))
  })
  const port: Port = {
    ...channelPort(child),
    onClose: (listener) => {
      child.on('disconnect', listener)
      // a process that never started has no channel to lose
      child.on('error', listener)
    },
  }
  return { pid: child.pid, port, ended, errors, kill: () => void child.kill('SIGKILL') }
}

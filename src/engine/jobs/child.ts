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
  /** the end of what it has printed as errors, where those are captured; whole once `ended` has settled */
  errors(): string
  /** at once, whatever it is doing */
  kill(): void
}

export interface SpawnOptions {
  /** its errors are kept instead of joining ours */
  capture?: boolean
  /** added to its environment */
  env?: NodeJS.ProcessEnv
}

/** Starts a module as a process; Electron's main process would pass one made of its own utility processes. */
export type Spawn = (entry: string, args: string[], options?: SpawnOptions) => Child

/** A driver may print without end. */
const errorsKept = 200_000

/** A Node process. Its standard output is dropped: that of the command line belongs to results. */
export const forkChild: Spawn = (entry, args, { capture = false, env = {} } = {}) => {
  const child = fork(entry, args, {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', capture ? 'pipe' : 'inherit', 'ipc'],
    execArgv: [],
    env: { ...inferenceEnvironment(), ...env },
  })
  let errors = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (errors = (errors + text).slice(-errorsKept)))
  const ended = new Promise<string>((resolve) => {
    // `close` comes after `exit`, once what it printed has been read to the end
    child.on(capture ? 'close' : 'exit', (code, signal) => resolve(signal ?? `exit code ${code}`))
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
  return { pid: child.pid, port, ended, errors: () => errors, kill: () => void child.kill('SIGKILL') }
}

import { fork } from 'node:child_process'
import type { Port } from '../../rpc/port.ts'
import { channelPort } from '../../rpc/ports/emitter.ts'

/** A process that was started and speaks over `port`; the port closes when the process ends. */
export interface Child {
  pid: number | undefined
  port: Port
  /** settles when it has ended, with how: "exit code 1", "SIGKILL" */
  ended: Promise<string>
  /** at once, whatever it is doing */
  kill(): void
}

/** Starts a module as a process; Electron's main process would pass one made of its own utility processes. */
export type Spawn = (entry: string, args: string[]) => Child

/** A Node process. Its standard output is dropped: that of the command line belongs to results. */
export const forkChild: Spawn = (entry, args) => {
  const child = fork(entry, args, {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [],
  })
  const ended = new Promise<string>((resolve) => {
    child.on('exit', (code, signal) => resolve(signal ?? `exit code ${code}`))
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
  return { pid: child.pid, port, ended, kill: () => void child.kill('SIGKILL') }
}

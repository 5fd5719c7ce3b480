import { tmpdir } from 'node:os'
import type { Command } from 'commander'
import type { DeviceId } from '../contract/run.ts'
import type { Engine } from '../engine/index.ts'
import type { Overrides } from '../engine/settings/live-settings.ts'
import { environmentOverrides } from '../engine/settings/overrides.ts'
import { openWorkFolder } from '../engine/work-folder.ts'
import { parseDevice, parsePath, parsePositive, parseSize } from './arguments.ts'
import { createOpeningProgress } from './opening-progress.ts'
import { say } from './terminal.ts'

/** Options that every command takes. What is left out is as the environment and the settings say. */
export interface CommonOptions {
  json?: boolean
  device: DeviceId
  threads?: number
  /** a folder, or false for a temporary one */
  cache?: string | false
  /** bytes */
  memoryLimit?: number
}

export const withCommonOptions = (command: Command): Command =>
  command
    .option('--json', 'print one JSON document on stdout')
    .option('--device <device>', 'auto, cpu, cuda, dml, coreml or webgpu', parseDevice, 'auto')
    .option('--threads <n>', 'CPU threads of a run (otoscope settings keeps this and the next two)', parsePositive)
    .option('--cache <folder>', 'where results are stored', parsePath)
    .option('--memory-limit <size>', 'bytes that models and runs may use, such as 2GB', parseSize)
    .option('--no-cache', 'store in a temporary folder, deleted at the end')

/** What a command line and its environment overrule. Throws `bad-input` for an environment that means nothing. */
const overridesOf = ({ threads, cache, memoryLimit }: CommonOptions): Overrides => ({
  ...environmentOverrides(),
  ...(threads === undefined ? {} : { threads }),
  ...(typeof cache === 'string' ? { cacheFolder: cache } : {}),
  ...(memoryLimit === undefined ? {} : { memoryLimit }),
})

export interface Session {
  engine: Engine
  /** fires on Ctrl-C, SIGTERM and a hang-up */
  signal: AbortSignal
}

/** Runs `work` with an engine of its own and ends everything afterwards, however it ends. */
export const withEngine = async <T>(
  options: CommonOptions,
  work: (session: Session) => Promise<T>,
  host = 'the command line',
): Promise<T> => {
  const temporary = options.cache === false ? openWorkFolder(tmpdir(), 'otoscope-cache') : null
  const interrupt = listenForInterrupts()
  try {
    // only now: wrong usage is answered without loading the engine
    const { createEngine } = await import('../engine/index.ts')
    const engine = await createEngine({
      ...overridesOf(options),
      ...(temporary ? { cacheFolder: temporary.path } : {}),
      host,
      onNotice: ({ kind, message }) => {
        // the call that is lost with the process says it itself
        if (message && kind !== 'inference-gone') say(message)
      },
    })
    engine.client.engine['recordings.opening'](createOpeningProgress())
    try {
      return await work({ engine, signal: interrupt.signal })
    } finally {
      await engine.close()
    }
  } finally {
    interrupt.stop()
    temporary?.[Symbol.dispose]()
  }
}

export const endSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** A launcher and a terminal may both send the same signal: only the first counts. */
const listenForInterrupts = (): { signal: AbortSignal; stop: () => void } => {
  const controller = new AbortController()
  const abort = (): void => controller.abort()
  for (const name of endSignals) process.on(name, abort)
  return {
    signal: controller.signal,
    stop: () => {
      for (const name of endSignals) process.off(name, abort)
    },
  }
}

/** Resolves when the process is told to end or its parent is gone. */
export const ended = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const parent = process.ppid
    const timer = setInterval(() => {
      if (process.ppid !== parent) finish()
    }, 500)
    const finish = (): void => {
      clearInterval(timer)
      resolve()
    }
    signal.addEventListener('abort', finish, { once: true })
    // started by bin/otoscope.js under another Node: the channel closes when that is killed
    process.once('disconnect', finish)
    if (signal.aborted) finish()
  })

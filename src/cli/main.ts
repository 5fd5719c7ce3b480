import { Command, CommanderError } from 'commander'
import { isCancelled, toWire } from '../contract/errors.ts'
import { version } from '../engine/paths.ts'
import { cacheCommand } from './commands/cache.ts'
import { devicesCommand } from './commands/devices.ts'
import { exportCommand } from './commands/export.ts'
import { inspectCommand } from './commands/inspect.ts'
import { modelsCommand } from './commands/models.ts'
import { openCommand } from './commands/open.ts'
import { regionsCommand } from './commands/regions.ts'
import { reportCommand } from './commands/report.ts'
import { serveCommand } from './commands/serve.ts'
import { settingsCommand } from './commands/settings.ts'
import { say } from './terminal.ts'

/** Runs a command line and answers its exit code: 0 done, 1 failed, 2 wrong usage, 130 interrupted. */
export const main = async (words: string[]): Promise<number> => {
  process.stdout.on('error', endOnClosedPipe)
  try {
    await createProgram().parseAsync(words, { from: 'user' })
    return 0
  } catch (error) {
    return failureCode(error)
  }
}

const createProgram = (): Command => {
  const program = new Command('otoscope')
    .description('a workstation for looking inside audio transformers')
    .version(version)
    .showHelpAfterError('(otoscope --help says more)')
    // an option belongs to the command it follows: `devices install` takes some that `devices` takes too
    .enablePositionalOptions()
    .exitOverride()
  const commands = [openCommand, serveCommand, reportCommand, exportCommand, inspectCommand]
  for (const add of [...commands, regionsCommand, modelsCommand, devicesCommand, cacheCommand, settingsCommand])
    add(program)
  return program
}

/** One sentence on stderr, never a stack. commander has printed its own. */
const failureCode = (error: unknown): number => {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (isCancelled(error)) {
    const { sentence } = toWire(error).detail
    say(typeof sentence === 'string' ? sentence : 'interrupted')
    return 130
  }
  say(toWire(error).message.split('\n')[0] ?? '')
  return 1
}

/** `otoscope … | head` closes our output early: that is no failure. */
const endOnClosedPipe = (error: NodeJS.ErrnoException): void => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
}

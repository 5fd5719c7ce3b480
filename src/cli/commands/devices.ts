import type { Command } from 'commander'
import { withCommonOptions, withEngine, type CommonOptions } from '../session.ts'
import { print, printJson, table } from '../terminal.ts'
import { devicesCompareCommand } from './devices-compare.ts'
import { devicesInstallCommands } from './devices-install.ts'

export const devicesCommand = (program: Command): void => {
  const devices = withCommonOptions(program.command('devices'))
  devices
    // what follows `install` belongs to it, also where both take the same option
    .enablePositionalOptions()
    .description('execution providers: what is compiled in, and whether it starts here')
    .action((options: CommonOptions) =>
      withEngine(options, async ({ engine, signal }) => {
        const cards = await engine.client.engine['devices.list']({}, { signal })
        if (options.json) return printJson(cards)
        const rows = cards.map(({ id, compiled, works, name, reason }) => [
          id,
          compiled ? 'yes' : 'no',
          works ? 'yes' : 'no',
          works ? name : reason,
        ])
        return print(table([['device', 'compiled in', 'works', ''], ...rows]))
      }),
    )
  devicesCompareCommand(devices)
  devicesInstallCommands(devices)
}

import type { Command } from 'commander'
import { withCommonOptions, withEngine, type CommonOptions } from '../session.ts'
import { printJson, say } from '../terminal.ts'

export const modelsRemoveCommand = (models: Command): void => {
  withCommonOptions(models.command('remove'))
    .description('forget an imported model; its files stay where they are')
    .argument('<model>')
    .action((model: string, options: CommonOptions) =>
      withEngine(options, async ({ engine }) => {
        await engine.client.host['models.remove']({ model })
        if (options.json) await printJson({ removed: model })
        else say(`${model} is forgotten`)
      }),
    )
}

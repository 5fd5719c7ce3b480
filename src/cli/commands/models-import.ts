import type { Command } from 'commander'
import { withCommonOptions, withEngine, type CommonOptions } from '../session.ts'
import { printJson, say } from '../terminal.ts'

export const modelsImportCommand = (models: Command): void => {
  withCommonOptions(models.command('import'))
    .description('remember a model folder of a known family; its files stay where they are')
    .argument('<folder>')
    .action((path: string, options: CommonOptions) =>
      withEngine(options, async ({ engine }) => {
        const card = await engine.client.host['models.import']({ path })
        if (options.json) await printJson(card)
        else say(`${path} is known as ${card.id} now`)
      }),
    )
}

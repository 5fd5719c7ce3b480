import { basename } from 'node:path'
import type { Command } from 'commander'
import { createCopyProgress } from '../download-progress.ts'
import { withCommonOptions, withEngine, type CommonOptions } from '../session.ts'
import { printJson, say } from '../terminal.ts'

export const modelsImportCommand = (models: Command): void => {
  withCommonOptions(models.command('import'))
    .description('remember a model folder where it lies, or unpack an archive made by models export')
    .argument('<path>', 'a folder, or an archive')
    .action((path: string, options: CommonOptions) =>
      withEngine(options, async ({ engine, signal }) => {
        const progress = createCopyProgress(basename(path))
        let card
        try {
          card = await engine.client.host['models.import']({ path }, { signal, onPart: progress.part })
        } finally {
          progress.end()
        }
        if (options.json) await printJson(card)
        else say(`${path} is known as ${card.id} now`)
      }),
    )
}

import { basename } from 'node:path'
import type { Command } from 'commander'
import { splitVariant } from '../../engine/models/variants.ts'
import { parsePath } from '../arguments.ts'
import { createCopyProgress } from '../download-progress.ts'
import { withCommonOptions, withEngine, type CommonOptions } from '../session.ts'
import { printJson, say } from '../terminal.ts'

interface ExportOptions extends CommonOptions {
  out: string
}

export const modelsExportCommand = (models: Command): void => {
  withCommonOptions(models.command('export'))
    .description('copy a model to a folder or an archive, to import it on another machine')
    .argument('<model>', 'a model id or folder; id:q8 for one variant alone')
    .requiredOption('--out <path>', 'a folder, or one archive where it ends in .tar; it must not exist', parsePath)
    .action((model: string, options: ExportOptions) =>
      withEngine(options, async ({ engine, signal }) => {
        const { host } = engine.client
        const { variant } = splitVariant(model)
        const { id: known } = await host['models.open']({ model }, { signal })
        const id = variant === undefined ? known : `${splitVariant(known).name}:${variant}`
        const progress = createCopyProgress(`${id} to ${basename(options.out)}`)
        try {
          await host['models.export']({ model: id, path: options.out }, { signal, onPart: progress.part })
        } finally {
          progress.end()
        }
        if (options.json) await printJson({ model: id, out: options.out })
        else say(`${id} is in ${options.out}: otoscope models import ${basename(options.out)} takes it in elsewhere`)
      }),
    )
}

import type { Command } from 'commander'
import { modelsExportCommand } from './models-export.ts'
import { modelsImportCommand } from './models-import.ts'
import { modelsListCommand } from './models-list.ts'
import { modelsPullCommand } from './models-pull.ts'
import { modelsRemoveCommand } from './models-remove.ts'
import { modelsUpdatesCommand } from './models-updates.ts'

export const modelsCommand = (program: Command): void => {
  const models = program.command('models').description('list, download, export, import and remove models')
  for (const add of [
    modelsListCommand,
    modelsPullCommand,
    modelsExportCommand,
    modelsImportCommand,
    modelsRemoveCommand,
    modelsUpdatesCommand,
  ])
    add(models)
}

import type { Command } from 'commander'
import { modelsImportCommand } from './models-import.ts'
import { modelsListCommand } from './models-list.ts'
import { modelsPullCommand } from './models-pull.ts'
import { modelsRemoveCommand } from './models-remove.ts'
import { modelsUpdatesCommand } from './models-updates.ts'

export const modelsCommand = (program: Command): void => {
  const models = program.command('models').description('list, download, import and remove models')
  const commands = [modelsListCommand, modelsPullCommand, modelsImportCommand, modelsRemoveCommand]
  for (const add of [...commands, modelsUpdatesCommand]) add(models)
}

import type { Command } from 'commander'
import { modelsImportCommand } from './models-import.ts'
import { modelsListCommand } from './models-list.ts'
import { modelsPullCommand } from './models-pull.ts'
import { modelsRemoveCommand } from './models-remove.ts'

export const modelsCommand = (program: Command): void => {
  const models = program.command('models').description('list, download, import and remove models')
  for (const add of [modelsListCommand, modelsPullCommand, modelsImportCommand, modelsRemoveCommand]) add(models)
}

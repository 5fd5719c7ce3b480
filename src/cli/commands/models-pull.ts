import type { Command } from 'commander'
import { EngineError } from '../../contract/errors.ts'
import { withCommonOptions } from '../session.ts'

export const modelsPullCommand = (models: Command): void => {
  withCommonOptions(models.command('pull'))
    .description('download a model of the catalogue (not there yet)')
    .argument('<model>')
    .action((model: string) => {
      throw new EngineError(
        'not-yet',
        `models pull is not there yet: download ${model} by other means and use otoscope models import FOLDER`,
      )
    })
}

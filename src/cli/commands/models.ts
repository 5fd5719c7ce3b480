import type { Command } from 'commander'
import { EngineError } from '../../contract/errors.ts'
import type { ModelCard } from '../../contract/model.ts'
import { withCommonOptions, withEngine, type CommonOptions } from '../session.ts'
import { print, printJson, say, table } from '../terminal.ts'

export const modelsCommand = (program: Command): void => {
  const models = program.command('models').description('list, import and remove models')
  withCommonOptions(models.command('list'))
    .description('shipped and imported models')
    .action((options: CommonOptions) =>
      withEngine(options, async ({ engine }) => {
        const cards = await engine.client.engine['models.list']({})
        await (options.json ? printJson(cards) : print(describe(cards)))
      }),
    )
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

const describe = (cards: ModelCard[]): string =>
  table([
    ['id', 'family', 'type', 'encoder', 'decoder', 'size', 'origin', ''],
    ...cards.map((card) => [
      card.id,
      card.family,
      card.type,
      `${card.encoder.layers} × ${card.encoder.heads}`,
      card.decoder ? `${card.decoder.layers} × ${card.decoder.heads}` : '-',
      `${(card.bytes / 1e6).toFixed(1)} MB`,
      card.origin,
      card.untrained ? 'untrained' : '',
    ]),
  ])

import type { Command } from 'commander'
import type { ModelCard } from '../../contract/model.ts'
import { withCommonOptions, withEngine, type CommonOptions } from '../session.ts'
import { print, printJson, table } from '../terminal.ts'

export const modelsListCommand = (models: Command): void => {
  withCommonOptions(models.command('list'))
    .description('shipped and imported models')
    .action((options: CommonOptions) =>
      withEngine(options, async ({ engine }) => {
        const cards = await engine.client.engine['models.list']({})
        await (options.json ? printJson(cards) : print(describe(cards)))
      }),
    )
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

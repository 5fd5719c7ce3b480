import type { Command } from 'commander'
import type { UpdateCard } from '../../contract/hub.ts'
import { withCommonOptions, withEngine, type CommonOptions } from '../session.ts'
import { print, printJson, table } from '../terminal.ts'

export const modelsUpdatesCommand = (models: Command): void => {
  withCommonOptions(models.command('updates'))
    .description('ask the hub which of the models here have changed there; nothing is taken')
    .action((options: CommonOptions) =>
      withEngine(options, async ({ engine, signal }) => {
        const cards = await engine.client.engine['hub.updates']({}, { signal })
        await (options.json ? printJson(cards) : print(describe(cards)))
      }),
    )
}

const describe = (cards: UpdateCard[]): string =>
  table([
    ['id', 'here', 'on the hub', ''],
    ...cards.map(({ id, here, upstream, changed, problem }) => [
      id,
      here.slice(0, 7),
      upstream.slice(0, 7) || '-',
      problem || (changed ? `changed: otoscope models pull ${id} takes it` : 'the same'),
    ]),
  ])

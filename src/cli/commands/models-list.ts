import type { Command } from 'commander'
import type { HubCard } from '../../contract/hub.ts'
import type { ModelCard } from '../../contract/model.ts'
import { megabytes } from '../download-progress.ts'
import { withCommonOptions, withEngine, type CommonOptions } from '../session.ts'
import { print, printJson, table } from '../terminal.ts'

interface ListOptions extends CommonOptions {
  all?: boolean
}

export const modelsListCommand = (models: Command): void => {
  withCommonOptions(models.command('list'))
    .description('the models that are here')
    .option('--all', 'those that can be downloaded as well')
    .action((options: ListOptions) =>
      withEngine(options, async ({ engine }) => {
        const client = engine.client.engine
        const installed = await client['models.list']({})
        if (!options.all) return options.json ? printJson(installed) : print(describe(installed))
        const catalogue = await client['hub.catalogue']({})
        return options.json
          ? printJson({ installed, catalogue })
          : print([describe(installed), describeHub(catalogue)].join('\n\n'))
      }),
    )
}

const describe = (cards: ModelCard[]): string =>
  table([
    ['id', 'family', 'type', 'encoder', 'decoder', 'size', 'licence', 'origin', ''],
    ...cards.map((card) => [
      card.id,
      card.family,
      card.type,
      `${card.encoder.layers} × ${card.encoder.heads}`,
      card.decoder ? `${card.decoder.layers} × ${card.decoder.heads}` : '-',
      megabytes(card.bytes),
      card.licence ?? 'not known',
      card.origin,
      remarks(card),
    ]),
  ])

const remarks = ({ untrained, note, variant, variants, hub }: ModelCard): string =>
  [
    ...(untrained ? ['untrained'] : []),
    ...(note ? [note] : []),
    ...(hub ? [`${hub.repo} at ${hub.revision.slice(0, 7)}`] : []),
    ...(variants.length > 1 || variant !== 'fp32' ? [variants.join(', ')] : []),
  ].join('; ')

const describeHub = (cards: HubCard[]): string =>
  table([
    ['on the hub', 'repository', 'task', 'languages', 'licence', 'size', 'state'],
    ...cards.map((card) => [
      card.id,
      card.repo,
      card.task || '-',
      card.languages || '-',
      card.licence || 'not known',
      card.bytes === null ? 'not known' : megabytes(card.bytes),
      stateOf(card),
    ]),
  ])

const stateOf = ({ state, partialBytes, opens }: HubCard): string => {
  if (!opens) return 'does not open yet'
  if (state === 'partial') return `${megabytes(partialBytes)} here, paused`
  return state === 'here' ? 'here' : ''
}

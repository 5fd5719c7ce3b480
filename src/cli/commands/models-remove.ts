import type { Command } from 'commander'
import { EngineError } from '../../contract/errors.ts'
import { withCommonOptions, withEngine, type CommonOptions, type Session } from '../session.ts'
import { printJson, say } from '../terminal.ts'

interface RemoveOptions extends CommonOptions {
  partial?: boolean
}

export const modelsRemoveCommand = (models: Command): void => {
  withCommonOptions(models.command('remove'))
    .description('delete a downloaded or unpacked model, or forget an imported folder, whose files stay')
    .argument('<model>')
    .option('--partial', 'delete what a paused download left instead')
    .action((model: string, options: RemoveOptions) =>
      withEngine(options, async (session) => {
        const done = options.partial ? await discard(model, session) : await remove(model, session)
        await (options.json ? printJson({ removed: model }) : say(done))
      }),
    )
}

const remove = async (model: string, { engine }: Session): Promise<string> => {
  const { host, engine: client } = engine.client
  const cards = await client['models.list']({})
  const isHub = cards.some((card) => (card.id === model || card.hub?.repo === model) && card.hub !== null)
  await host['models.remove']({ model })
  return isHub ? `${model} is deleted` : `${model} is removed`
}

const discard = async (model: string, { engine }: Session): Promise<string> => {
  const client = engine.client.engine
  const cards = await client['hub.catalogue']({})
  const begun = cards.find(({ id, repo }) => id === model || repo === model)
  await client['hub.discard']({ repo: begun?.repo ?? model })
  if (!begun?.partialBytes)
    throw new EngineError(
      'not-found',
      `no download of ${model} is paused; otoscope models list --all shows those that are`,
    )
  return `what the download of ${model} left is deleted`
}

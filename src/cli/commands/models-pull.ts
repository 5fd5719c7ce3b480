import { text } from 'node:stream/consumers'
import { Option, type Command } from 'commander'
import { EngineError, isCancelled } from '../../contract/errors.ts'
import { variants } from '../../contract/model.ts'
import { createDownloadProgress, megabytes } from '../download-progress.ts'
import { withCommonOptions, withEngine, type CommonOptions, type Session } from '../session.ts'
import { printJson, say } from '../terminal.ts'

interface PullOptions extends CommonOptions {
  variant?: string
  revision?: string
  tokenStdin?: boolean
}

export const modelsPullCommand = (models: Command): void => {
  withCommonOptions(models.command('pull'))
    .description('download a model from the hub, or go on with a download, or take its newest revision')
    .argument('<model>', 'an id of otoscope models list --all, or owner/name')
    .addOption(new Option('--variant <name>', 'what is here, else the best, unless given').choices(variants))
    .option('--revision <name>', 'a branch, tag or commit; main unless given')
    .option('--token-stdin', 'read an access token from stdin; it is used for this command and not kept')
    .action((model: string, options: PullOptions) => withEngine(options, (session) => pull(model, options, session)))
}

const pull = async (model: string, options: PullOptions, { engine, signal }: Session): Promise<void> => {
  const client = engine.client.engine
  if (options.tokenStdin) await client['hub.token']({ token: await text(process.stdin) })
  const { variant, revision } = options
  const wanted = { model, ...(variant && { variant }), ...(revision && { revision }) }
  const progress = createDownloadProgress(model)
  try {
    const card = await client['hub.pull'](wanted, { signal, onPart: (part) => progress.part(part) })
    progress.end()
    if (options.json) await printJson(card)
    else say(`${card.id} is here, ${megabytes(card.bytes)} of ${card.variant} graphs: --model ${card.id} opens it`)
  } catch (error) {
    if (!isCancelled(error)) throw error
    const sentence = `${model} is not whole yet; what is here stays, and the same command goes on from there`
    throw new EngineError('cancelled', sentence, { sentence })
  } finally {
    progress.end()
  }
}

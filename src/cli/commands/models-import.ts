import { basename } from 'node:path'
import type { Command } from 'commander'
import type { ModelCard, Variant } from '../../contract/model.ts'
import type { ModelProof } from '../../contract/proof.ts'
import { createCopyProgress } from '../download-progress.ts'
import { mappingOf, withMappingOptions, type MappingOptions } from '../mapping-options.ts'
import { createProgress } from '../progress.ts'
import { withCommonOptions, withEngine, type CommonOptions, type Session } from '../session.ts'
import { printJson, say } from '../terminal.ts'

export const modelsImportCommand = (models: Command): void => {
  withCommonOptions(withMappingOptions(models.command('import')))
    .description(
      'remember a model folder where it lies, or unpack an archive made by models export, and try its taps on a sound',
    )
    .argument('<path>', 'a folder, one of its .onnx files, or an archive')
    .action((path: string, options: CommonOptions & MappingOptions) =>
      withEngine(options, async ({ engine, signal }) => {
        const mapping = mappingOf(options)
        const progress = createCopyProgress(basename(path))
        let card
        try {
          card = await engine.client.host['models.import'](
            { path, ...(mapping && { mapping }) },
            { signal, onPart: progress.part },
          )
        } finally {
          progress.end()
        }
        const { sites, encoder } = await engine.client.engine['models.inspect']({ model: card.id })
        // who ends the trial has the model all the same
        say(`${path} is known as ${card.id} now`)
        say(
          `${sites.length} attention sites, ${encoder.layers} layers × ${encoder.heads} heads, ${encoder.layers + 1} hidden states`,
        )
        if (mapping) say(`${card.note}; nothing proves that this is what it was trained on`)
        const tried: Tried[] = []
        for (const variant of card.variants) tried.push(await tryVariant({ engine, signal }, card, variant))
        if (options.json) await printJson({ ...card, proofs: tried[0]?.proofs, tried })
      }),
    )
}

interface Tried extends Pick<ModelProof, 'proofs' | 'precision'> {
  variant: Variant
}

/** Proves one of the weights a folder holds, and says what came of it. */
const tryVariant = async (session: Session, { id, variants }: ModelCard, variant: Variant): Promise<Tried> => {
  const { proofs, precision } = await prove(session, `${id}:${variant}`)
  const start = variants.length > 1 ? `${variant}: ` : ''
  for (const { passed, sentence } of proofs) say(`${start}${passed ? 'proved' : 'NOT PROVED'}: ${sentence}`)
  if (precision) say(`${start}${precision}`)
  return { variant, proofs, precision }
}

const prove = async ({ engine, signal }: Session, model: string): Promise<ModelProof> => {
  const progress = createProgress(model)
  try {
    return await engine.client.engine['models.prove']({ model }, { signal, onPart: (part) => progress.part(part) })
  } finally {
    progress.end()
  }
}

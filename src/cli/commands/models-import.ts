import { basename } from 'node:path'
import type { Command } from 'commander'
import { createCopyProgress } from '../download-progress.ts'
import { mappingOf, withMappingOptions, type MappingOptions } from '../mapping-options.ts'
import { withCommonOptions, withEngine, type CommonOptions } from '../session.ts'
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
        const proof = await engine.client.engine['models.prove']({ model: card.id }, { signal })
        if (options.json) return await printJson({ ...card, proofs: proof.proofs })
        say(`${path} is known as ${card.id} now`)
        say(
          `${sites.length} attention sites, ${encoder.layers} layers × ${encoder.heads} heads, ${encoder.layers + 1} hidden states`,
        )
        if (mapping) say(`${card.note}; nothing proves that this is what it was trained on`)
        for (const { passed, sentence } of proof.proofs) say(`${passed ? 'proved' : 'NOT PROVED'}: ${sentence}`)
      }),
    )
}

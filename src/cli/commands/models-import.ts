import { basename } from 'node:path'
import type { Command } from 'commander'
import type { ModelProof } from '../../contract/proof.ts'
import { createCopyProgress } from '../download-progress.ts'
import { createProgress } from '../progress.ts'
import { withCommonOptions, withEngine, type CommonOptions, type Session } from '../session.ts'
import { printJson, say } from '../terminal.ts'

export const modelsImportCommand = (models: Command): void => {
  withCommonOptions(models.command('import'))
    .description(
      'remember a model folder where it lies, or unpack an archive made by models export, and try its taps on a sound',
    )
    .argument('<path>', 'a folder, one of its .onnx files, or an archive')
    .action((path: string, options: CommonOptions) =>
      withEngine(options, async ({ engine, signal }) => {
        const progress = createCopyProgress(basename(path))
        let card
        try {
          card = await engine.client.host['models.import']({ path }, { signal, onPart: progress.part })
        } finally {
          progress.end()
        }
        const { sites, encoder } = await engine.client.engine['models.inspect']({ model: card.id })
        // who ends the trial has the model all the same
        say(`${path} is known as ${card.id} now`)
        const proof = await prove({ engine, signal }, card.id)
        if (options.json) return await printJson({ ...card, proofs: proof.proofs })
        say(
          `${sites.length} attention sites, ${encoder.layers} layers × ${encoder.heads} heads, ${encoder.layers + 1} hidden states`,
        )
        for (const { passed, sentence } of proof.proofs) say(`${passed ? 'proved' : 'NOT PROVED'}: ${sentence}`)
      }),
    )
}

const prove = async ({ engine, signal }: Session, model: string): Promise<ModelProof> => {
  const progress = createProgress(model)
  try {
    return await engine.client.engine['models.prove']({ model }, { signal, onPart: (part) => progress.part(part) })
  } finally {
    progress.end()
  }
}

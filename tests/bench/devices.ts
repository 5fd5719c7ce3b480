import { availableParallelism } from 'node:os'
import { defaultRegion } from '../../src/contract/recording.ts'
import { RunOptions } from '../../src/contract/run.ts'
import { createEngine } from '../../src/engine/index.ts'
import { resource } from '../../src/engine/paths.ts'
import { errorText, nodesText } from '../../src/figures/provenance.ts'
import { inFolder, models } from './material.ts'
import { printTable, type Row } from './measure.ts'

/**
 * Every model on every provider that starts here, against the CPU over the same clip: the shortest of a few warm passes of the encoder
 * and a decoder's prompt, how far apart the results are, and how many nodes each provider ran.
 */
await inFolder(async (folder) => {
  const engine = await createEngine({
    cacheFolder: folder,
    threads: Math.min(8, availableParallelism()),
    host: 'bench',
  })
  const { engine: client, host } = engine.client
  const rows: Row[] = []
  try {
    const recording = await host['files.open']({ path: resource('recordings', 'voice.wav') })
    for (const card of await client['devices.list']({})) {
      if (card.id === 'cpu' || !card.works) {
        if (!card.works) console.log(`${card.id}: ${card.reason}`)
        continue
      }
      for (const model of models()) {
        const { id } = await host['models.open']({ model: model.folder })
        const where = { recording: recording.id, region: defaultRegion(recording), model: id }
        const verdict = await client['devices.compare']({ ...where, options: RunOptions.parse({}), device: card.id })
        const { cpu, provider } = verdict.seconds
        console.log(
          `${id} on ${card.name}: ${nodesText(verdict.nodes)}; ` +
            (verdict.refused ||
              `within ${errorText(verdict.parity?.worst ?? NaN)} of the CPU at ${verdict.parity?.tap}`),
        )
        const what = `${id} on ${card.id}, ${card.name}`
        rows.push({ what, against: 'the CPU', ours: 1000 * provider, baseline: 1000 * cpu, ratio: provider / cpu })
      }
    }
  } finally {
    await engine.close()
  }
  if (rows.length > 0) printTable(rows)
})

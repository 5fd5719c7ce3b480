import { inference } from '../../contract/inference.ts'
import { channelPort } from '../../rpc/ports/emitter.ts'
import { serve } from '../../rpc/serve.ts'
import { openStore } from '../store/database.ts'
import type { Store } from '../store/store.ts'
import { deviceCard } from './devices.ts'
import { createLayerQueries } from './layers.ts'
import { proveModel } from './prove.ts'
import { createQueries } from './query.ts'
import { compareJob, runJob } from './run.ts'
import { tryProcessor } from './trial.ts'
import { keepWhatDriversPrint } from './stderr.ts'
import { coolDown } from './warm.ts'

/**
 * Entry of an inference process: `process.ts <jobs|queries> <store folder> <store limit, 0 for the default> <threads>`. A run blocks
 * this process and cannot be interrupted: whoever wants it to stop kills it.
 */
const [role, folder = '', limit = '0', threads = '1'] = process.argv.slice(2)

keepWhatDriversPrint()

let store: Store | undefined
/** Opened by the first call, so that a store that cannot be opened is that call's error. */
const stored = (): Store =>
  (store ??= openStore(folder, {
    readOnly: role === 'queries',
    ...(Number(limit) > 0 ? { limitBytes: Number(limit) } : {}),
  }))
const queries = createQueries(stored, Number(threads))
const layers = createLayerQueries(stored, Number(threads))

const port = channelPort(process)
serve(
  inference,
  {
    run: (input, progress) => runJob(input, stored(), progress),
    attention: queries.attention,
    attentionLine: queries.attentionLine,
    attentionPatches: queries.attentionPatches,
    attentionMetrics: queries.attentionMetrics,
    attentionValues: queries.attentionValues,
    words: queries.words,
    dimensionOrder: layers.dimensionOrder,
    layerSizes: layers.layerSizes,
    layerSimilarity: layers.layerSimilarity,
    trajectory: layers.trajectory,
    attentionDifference: queries.attentionDifference,
    layerDifferences: layers.layerDifferences,
    compare: (input, progress) => compareJob(input, stored(), progress),
    prove: (input, progress) => proveModel(input, folder, progress),
    trial: ({ threads }) => tryProcessor(threads),
    probe: ({ id }) => deviceCard(id),
    residentBytes: () => process.memoryUsage.rss(),
    settled: () => null,
  },
  port,
  { onError: (error, operation) => console.error(operation, error) },
)

// Ctrl+C in a terminal reaches the whole group; the parent decides what it means
process.on('SIGINT', () => {})
// the parent has died or closed the channel; during a run this is heard when the run is over
port.onClose(() => {
  queries.close()
  layers.close()
  coolDown()
  store?.close()
  // onnxruntime may abort in its own exit handlers
  process.kill(process.pid, 'SIGKILL')
})

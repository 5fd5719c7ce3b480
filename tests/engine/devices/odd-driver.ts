import { inference } from '../../../src/contract/inference.ts'
import { runJob } from '../../../src/engine/inference/run.ts'
import { openStore } from '../../../src/engine/store/database.ts'
import { channelPort } from '../../../src/rpc/ports/emitter.ts'
import { serve } from '../../../src/rpc/serve.ts'

/**
 * An inference process on a machine with an odd graphics driver: `odd-driver.ts <crashes|hangs|exits> …the words of an inference
 * process`. Jobs are real, unless they would try an accelerator that nobody has refused yet.
 */
const [how, , storeFolder = ''] = process.argv.slice(2)

const misbehave = (): Promise<never> => {
  console.error('the driver prints')
  if (how === 'crashes') process.kill(process.pid, 'SIGSEGV')
  if (how === 'exits') process.exit(3)
  return new Promise(() => {})
}
const unasked = (): never => {
  throw new Error('not asked here')
}

serve(
  inference,
  {
    run: async (input, progress) => {
      using store = Object.assign(openStore(storeFolder), { [Symbol.dispose]: () => store.close() })
      const refused = store.verdicts(input.modelHash).map(({ provider }) => provider)
      const untried = input.candidates.some(({ provider }) => provider !== 'cpu' && !refused.includes(provider))
      return untried ? misbehave() : await runJob(input, store, progress)
    },
    attention: unasked,
    attentionLine: unasked,
    attentionPatches: unasked,
    attentionMetrics: unasked,
    attentionValues: unasked,
    words: unasked,
    dimensionOrder: unasked,
    layerSizes: unasked,
    layerSimilarity: unasked,
    trajectory: unasked,
    attentionDifference: unasked,
    layerDifferences: unasked,
    compare: unasked,
    prove: unasked,
    trial: unasked,
    probe: misbehave,
    residentBytes: () => 0,
    settled: () => null,
  },
  channelPort(process),
  { onError: (error) => console.error(error) },
)

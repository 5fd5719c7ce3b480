import { RunOptions } from '../../src/contract/run.ts'
import { runShapes } from '../../src/engine/estimate/run-shapes.ts'
import { workOf } from '../../src/engine/estimate/work.ts'
import { createSession } from '../../src/engine/inference/session.ts'
import { tryProcessor } from '../../src/engine/inference/trial.ts'
import { modelRate } from '../../src/engine/models/families/config-number.ts'
import { encoderFeed, models } from './material.ts'
import { median, printTable, type Row } from './measure.ts'

/**
 * Processor time per multiply-add of an encoder on one thread, against that of the trial which tells how fast a processor is: near 1 for every
 * model, as the estimate of seconds takes it to be (src/engine/estimate/estimate-time.ts). Processor time hardly minds what else the
 * machine does.
 */
const threads = 1
const rounds = 3

/** Seconds of this process's own processor time. */
const processorSeconds = async (work: () => Promise<unknown>): Promise<number> => {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

/** In 1e-9 s per multiply-add, the trial's own clock corrected to processor time. */
const trial = async (): Promise<number> => {
  let perSecond = NaN
  const began = performance.now()
  const spent = await processorSeconds(async () => (perSecond = await tryProcessor(threads)))
  const share = (1000 * spent) / (performance.now() - began)
  return (1e9 * share) / perSecond
}

const rows: Row[] = []
for (const model of models()) {
  using session = await createSession(model.encoder.path, { provider: 'cpu', threads })
  for (const seconds of model.card.maxSeconds === null ? [2, 5, 20] : [5]) {
    const shapes = runShapes(model, seconds * modelRate(model.preprocessor), RunOptions.parse({}))
    const { products } = workOf(model, shapes, 0)
    const feeds = encoderFeed(model, seconds)
    await session.run(feeds)
    const pairs: (readonly [number, number])[] = []
    for (let round = 0; round < rounds; round++) {
      const baseline = await trial()
      pairs.push([(1e9 * (await processorSeconds(() => session.run(feeds)))) / products, baseline])
    }
    const what = `${model.card.id}, ${seconds} s: ${(products / 1e9).toFixed(1)}e9`
    const [ours, baseline] = [median(pairs.map(([a]) => a)), median(pairs.map(([, b]) => b))]
    rows.push({
      what,
      against: 'trial',
      unit: 'ps',
      ours: 1000 * ours,
      baseline: 1000 * baseline,
      ratio: ours / baseline,
    })
  }
}
printTable(rows)

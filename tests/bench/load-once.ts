import { createSession } from '../../src/engine/inference/session.ts'
import { openModel } from '../../src/engine/models/open.ts'
import { writeSkeleton } from '../../src/engine/models/skeleton-file.ts'
import { median, milliseconds, peakBytes } from './measure.ts'
import { encoderFeed } from './material.ts'

/** `load-once.ts <folder of models> <stock|hidden|attention> <model folder> <work folder> <seconds>`: loads an encoder in this process, runs it, prints what that took. */
const [, how = '', folder = '', work = '', seconds = ''] = process.argv.slice(2)

const load = () => {
  const model = openModel(folder)
  const { encoder } = model
  if (how === 'stock') return createSession(encoder.path, { provider: 'cpu', threads: 2 })
  const maps = how === 'attention' ? encoder.self.map(({ weights }) => weights) : []
  return createSession(writeSkeleton(encoder, work, [...new Set([...encoder.hidden, encoder.top, ...maps])]), {
    provider: 'cpu',
    threads: 2,
  })
}

const feed = encoderFeed(openModel(folder), Number(seconds))
const began = performance.now()
const session = await load()
const loadMs = performance.now() - began
const runs: number[] = []
for (let i = 0; i < 5; i++) runs.push(await milliseconds(() => session.run(feed)))
process.stdout.write(JSON.stringify({ loadMs, runMs: median(runs.slice(1)), peakMb: peakBytes() / 1e6 }))
// onnxruntime may abort in its own exit handlers
process.stdout.write('', () => process.kill(process.pid, 'SIGKILL'))

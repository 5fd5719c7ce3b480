import { startInference } from '../../../src/engine/jobs/supervisor.ts'
import { exampleJob } from './example-job.ts'

/** A process to fork and kill: starts both inference processes, one of them at work, and prints their ids. */
const [storeFolder = ''] = process.argv.slice(2)
const jobs = startInference({ role: 'jobs', storeFolder, threads: 1 })
const queries = startInference({ role: 'queries', storeFolder, threads: 1 })
await queries.client.settled({})
const again = async (i: number): Promise<void> => {
  await jobs.client.run(await exampleJob(`run-${i}`), {
    onPart: ({ stage }) => stage === 'encode' && process.stdout.write(`${jobs.pid} ${queries.pid}\n`),
  })
  return again(i + 1)
}
await again(0)

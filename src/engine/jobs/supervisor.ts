import { setTimeout as sleep } from 'node:timers/promises'
import type { CallOptions, Client } from '../../contract/contract.ts'
import { EngineError } from '../../contract/errors.ts'
import { inference } from '../../contract/inference.ts'
import { connect } from '../../rpc/connect.ts'
import { processEntry } from '../paths.ts'
import { forkChild, type Child, type Spawn } from './child.ts'

export interface InferenceOptions {
  /** `jobs` runs models and writes to the store, `queries` answers questions about attention and only reads */
  role: 'jobs' | 'queries'
  storeFolder: string
  storeLimit?: number | undefined
  /** CPU threads of what is computed for queries; a job brings its own number */
  threads: number
  /** `forkChild` unless the host has processes of another kind */
  spawn?: Spawn
}

/** An inference process as the engine holds it: started when first called, and again after it died. */
export interface Inference {
  client: Client<typeof inference>
  /** null while none is running */
  readonly pid: number | null
  /** hears a sentence when the process ended without being told to */
  onGone(listener: (message: string) => void): void
  /** kills it; calls in flight fail with `inference-gone`, the next call starts another */
  restart(): Promise<void>
  close(): Promise<void>
}

const calls = Object.keys(inference) as (keyof typeof inference)[]
const work = { jobs: 'the process that runs models', queries: 'the process that computes attention' }
const lost = { jobs: '; the run was lost: start it again. ', queries: '; ask again. ' }
/** before the n-th start in a row that led to nothing */
const backoff = (deaths: number): number => (deaths === 0 ? 0 : Math.min(5000, 100 * 2 ** (deaths - 1)))

interface Live {
  child: Child
  client: Client<typeof inference>
  /** killed by us: nobody needs to hear of it */
  expected: boolean
  /** calls in flight: what its death loses */
  inFlight: number
}

export const startInference = (options: InferenceOptions): Inference => {
  const { role, storeFolder, storeLimit = 0, threads, spawn = forkChild } = options
  const listeners: ((message: string) => void)[] = []
  let live: Promise<Live> | null = null
  let running: Live | null = null
  let deaths = 0
  let closed = false

  const sentence = (how: string, isLoss: boolean): string =>
    `${work[role]} ended (${how})${isLoss ? lost[role] : '. '}It starts again by itself, and what is stored is untouched`

  const start = async (): Promise<Live> => {
    if (deaths > 0) await sleep(backoff(deaths))
    if (closed) throw new EngineError('inference-gone', `${work[role]} is closed`)
    const child = spawn(processEntry('inference'), [role, storeFolder, String(storeLimit), String(threads)])
    const started: Live = { child, client: connect(inference, child.port), expected: false, inFlight: 0 }
    running = started
    void child.ended.then((how) => {
      if (running === started) running = live = null
      if (started.expected) return
      deaths++
      for (const listener of listeners) listener(sentence(how, started.inFlight > 0))
    })
    return started
  }

  /** The next call tries again. */
  const failedToStart = (error: unknown): never => {
    live = null
    deaths++
    const how = error instanceof Error ? error.message : String(error)
    throw error instanceof EngineError ? error : new EngineError('inference-gone', sentence(how, true), { role })
  }

  const call = async (name: keyof typeof inference, input: unknown, callOptions?: CallOptions): Promise<unknown> => {
    const current = await (live ??= start().catch(failedToStart))
    current.inFlight++
    try {
      const ask = current.client[name] as (input: unknown, options?: CallOptions) => Promise<unknown>
      const answer = await ask(input, callOptions)
      deaths = 0
      return answer
    } catch (error) {
      if (!(error instanceof EngineError) || error.code !== 'engine-gone') throw error
      throw new EngineError('inference-gone', sentence(await current.child.ended, true), { role })
    } finally {
      current.inFlight--
    }
  }

  const end = async (): Promise<void> => {
    const ending = running
    if (!ending) return
    running = live = null
    ending.expected = true
    ending.child.kill()
    await ending.child.ended
  }

  return {
    client: Object.fromEntries(
      calls.map((name) => [name, (input: unknown, callOptions?: CallOptions) => call(name, input, callOptions)]),
    ) as Client<typeof inference>,
    get pid() {
      return running?.child.pid ?? null
    },
    onGone: (listener) => void listeners.push(listener),
    restart: end,
    close: () => {
      closed = true
      return end()
    },
  }
}

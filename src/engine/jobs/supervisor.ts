import { setTimeout as sleep } from 'node:timers/promises'
import type { CallOptions, Client } from '../../contract/contract.ts'
import { EngineError, messageOf } from '../../contract/errors.ts'
import { inference } from '../../contract/inference.ts'
import { connect } from '../../rpc/connect.ts'
import { processEntry } from '../paths.ts'
import { forkChild, type Child, type Spawn } from './child.ts'
import { prioritise } from './priority.ts'
import { residentBytes } from './resident-bytes.ts'

/** What may change while a process is alive. */
export interface ProcessSettings {
  /** bytes; the store's own default unless set */
  storeLimit?: number | undefined
  /** CPU threads of what is computed for queries; a job brings its own number */
  threads: number
  /** steps back when other programs want the processor */
  background?: boolean
  /** after this long without a call the process ends, which gives its memory back for certain; never unless set */
  idleMilliseconds?: number | undefined
}

export interface InferenceOptions extends ProcessSettings {
  /** `jobs` runs models and writes to the store, `queries` answers questions about attention and layers and only reads */
  role: 'jobs' | 'queries'
  storeFolder: string
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
  /** ends it as soon as no call is in flight, which nobody needs to hear of; the next call starts another */
  release(): void
  /** takes effect at once where that is possible, else with the next process, for which this one is released */
  adjust(change: Partial<ProcessSettings>): void
  /** resident bytes; 0 where none is running, and off Linux for one at work, which cannot be asked */
  heldBytes(): Promise<number>
  close(): Promise<void>
}

const calls = Object.keys(inference) as (keyof typeof inference)[]
const work = { jobs: 'the process that runs models', queries: 'the process that computes attention' }
const lost = { jobs: '; the run was lost: start it again. ', queries: '; ask again. ' }
/** before the n-th start in a row that led to nothing */
const backoff = (deaths: number): number => (deaths === 0 ? 0 : Math.min(5000, 100 * 2 ** (deaths - 1)))

/** for a question that a process with nothing to do answers at once */
const answerMilliseconds = 1000

/** What a process has printed is nobody's business while it works, and all there is to go by where it fails. */
const tell = (child: Child): void => void process.stderr.write(child.errors())

interface Live {
  child: Child
  client: Client<typeof inference>
  /** killed by us: nobody needs to hear of it */
  expected: boolean
  /** calls in flight: what its death loses */
  inFlight: number
  /** to be ended with its last call */
  released: boolean
  idle?: NodeJS.Timeout
}

export const startInference = (options: InferenceOptions): Inference => {
  const { role, storeFolder, spawn = forkChild, ...given } = options
  let settings: ProcessSettings = given
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
    const { storeLimit = 0, threads, background = false } = settings
    const child = spawn(processEntry('inference'), [role, storeFolder, String(storeLimit), String(threads)])
    // before it has threads of its own: those it makes step back with it
    if (background && child.pid !== undefined) prioritise(child.pid, true)
    const client = connect(inference, child.port)
    const started: Live = { child, client, expected: false, inFlight: 0, released: false }
    running = started
    void child.ended.then((how) => {
      clearTimeout(started.idle)
      if (running === started) running = live = null
      if (started.expected) return
      deaths++
      tell(child)
      for (const listener of listeners) listener(sentence(how, started.inFlight > 0))
    })
    return started
  }

  /** The next call tries again. */
  const failedToStart = (error: unknown): never => {
    live = null
    deaths++
    const how = messageOf(error)
    throw error instanceof EngineError ? error : new EngineError('inference-gone', sentence(how, true), { role })
  }

  const call = async (name: keyof typeof inference, input: unknown, callOptions?: CallOptions): Promise<unknown> => {
    const current = await (live ??= start().catch(failedToStart))
    clearTimeout(current.idle)
    current.inFlight++
    try {
      const ask = current.client[name] as (input: unknown, options?: CallOptions) => Promise<unknown>
      const answer = await ask(input, callOptions)
      deaths = 0
      return answer
    } catch (error) {
      // a bug of ours: the stack that was printed before the answer was sent
      if (error instanceof EngineError && error.code === 'internal') setImmediate(() => tell(current.child))
      if (!(error instanceof EngineError) || error.code !== 'engine-gone') throw error
      const how = await current.child.ended
      throw new EngineError('inference-gone', sentence(how, true), { role, how })
    } finally {
      current.inFlight--
      settle()
    }
  }

  /** With no call in flight: a process that was released ends, any other waits for its next call, though not for ever. */
  const settle = (): void => {
    const settled = running
    if (!settled || settled.inFlight > 0) return
    clearTimeout(settled.idle)
    if (settled.released) return void end()
    const { idleMilliseconds } = settings
    if (idleMilliseconds !== undefined) settled.idle = setTimeout(() => void end(), idleMilliseconds).unref()
  }

  const release = (): void => {
    if (!running) return
    running.released = true
    settle()
  }

  const adjust = (change: Partial<ProcessSettings>): void => {
    const before = settings
    settings = { ...settings, ...change }
    const { storeLimit, threads, background = false } = settings
    const pid = running?.child.pid
    const sameStanding = background === (before.background ?? false) || pid === undefined || prioritise(pid, background)
    if (storeLimit !== before.storeLimit || threads !== before.threads || !sameStanding) release()
    settle()
  }

  const heldBytes = async (): Promise<number> => {
    if (!running) return 0
    const seen = residentBytes(running.child.pid)
    if (seen !== null || running.inFlight > 0) return seen ?? 0
    // one that hangs answers nobody
    return running.client.residentBytes({}, { signal: AbortSignal.timeout(answerMilliseconds) }).catch(() => 0)
  }

  const end = async (): Promise<void> => {
    const ending = running
    if (!ending) return
    running = live = null
    clearTimeout(ending.idle)
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
    release,
    adjust,
    heldBytes,
    close: () => {
      closed = true
      return end()
    },
  }
}

import { defineStore } from 'pinia'
import { markRaw } from 'vue'
import { EngineError, isCancelled, type WireError } from '../../contract/errors.ts'
import type { Run, RunProgress } from '../../contract/run.ts'
import { windowsRefusal } from '../../figures/windows-refusal.ts'
import { engine } from '../engine.ts'
import { useLibrary } from './library.ts'
import { useNotices } from './notices.ts'
import { runKey, type RunRequest, type WindowRequest } from './window-requests.ts'
import { useWorkspace } from './workspace.ts'

/** Runs by what was asked for, and those that are on their way. */

interface Pending {
  key: string
  request: RunRequest
  progress: RunProgress
  /** which window of a region longer than the model hears at a time, from 1 on, and how many were done before */
  window: { number: number; count: number; done: number } | null
}

/** Throws `no-space` where `count` windows like this one do not fit into the cache; one that does not fit alone says so itself. */
const checkCache = async (request: RunRequest, count: number, signal: AbortSignal): Promise<void> => {
  const { device } = useWorkspace()
  const { fits, cache } = await engine['runs.estimate']({ ...request, device }, { signal })
  const refusal = fits ? windowsRefusal(request.model, count, cache) : null
  if (refusal) throw refusal
}

/** Aborting is not state: a controller must not become a proxy. */
const flights = new Map<string, AbortController>()

export const useRuns = defineStore('runs', {
  state: () => ({
    /** null: the store has none; missing: not asked yet */
    found: {} as Record<string, Run | null>,
    pending: [] as Pending[],
  }),
  getters: {
    busy: (state): boolean => state.pending.length > 0,
    /** a device asked for by name must have made it; no action, since it is asked for hundreds of windows at every move */
    runOf(state): (request: RunRequest | null) => Run | null {
      const { device } = useWorkspace()
      return (request) => {
        const run = request && state.found[runKey(request)]
        return run && (device === 'auto' || run.provider === device) ? run : null
      }
    },
  },
  actions: {
    pendingOf(request: RunRequest | null): Pending | null {
      return request ? (this.pending.find((one) => one.key === runKey(request)) ?? null) : null
    },
    async find(request: RunRequest, signal?: AbortSignal): Promise<void> {
      const key = runKey(request)
      if (this.runOf(request)) return
      try {
        const device = useWorkspace().device
        const run = await engine['runs.find']({ ...request, device }, signal ? { signal } : {})
        if (run || this.found[key] === undefined) this.found[key] = run && markRaw(run)
      } catch (error) {
        // a region that the model does not take is selected for other reasons, too: the panes say why it cannot run
        if (error instanceof EngineError && error.code === 'bad-region') this.found[key] = null
        else useNotices().fail(error)
      }
    },
    /**
     * One window after the other, from that on which is looked into; a stored one is not computed again, so that what was cancelled, or
     * lost with a crash, goes on where it was. Nothing is begun where the cache cannot hold them all.
     */
    async startWindows(windows: readonly WindowRequest[], first: number): Promise<void> {
      const count = windows.length
      const looked = windows[first]?.request
      // pressed twice: they are on their way already
      if (!looked || (count > 1 && flights.has(runKey(looked)))) return
      const prepare = async (signal: AbortSignal): Promise<void> => {
        await this.findAgain(windows, signal)
        if (windows.some(({ request }) => !this.runOf(request))) await checkCache(looked, count, signal)
      }
      for (let i = 0; i < count; i++) {
        const at = (first + i) % count
        const { request } = windows[at]!
        if (i > 0 && this.runOf(request)) continue
        const window = count > 1 ? { number: at + 1, count, done: i } : null
        if (!(await this.start(request, window, i === 0 && window ? prepare : undefined))) return
      }
    },
    /** Forgets those of the windows that the store has pushed out; the others are the last ones that it will. */
    async findAgain(windows: readonly WindowRequest[], signal: AbortSignal): Promise<void> {
      const { device } = useWorkspace()
      const known = windows.filter(({ request }) => this.runOf(request))
      const look = async ({ request }: WindowRequest): Promise<void> => {
        if (!(await engine['runs.find']({ ...request, device }, { signal }))) this.found[runKey(request)] = null
      }
      await Promise.all(known.map(look))
    },
    /** false where it came to nothing; `prepare` comes first, and throws where it must not begin */
    async start(
      request: RunRequest,
      window: Pending['window'] = null,
      prepare?: (signal: AbortSignal) => Promise<void>,
    ): Promise<boolean> {
      const key = runKey(request)
      if (flights.has(key)) return true
      const flight = new AbortController()
      flights.set(key, flight)
      this.pending = [...this.pending, { key, request, window, progress: { stage: 'waiting', done: 0, total: 0 } }]
      try {
        await prepare?.(flight.signal)
        if (window && this.runOf(request)) return true
        const run = await engine['runs.start'](
          { ...request, device: useWorkspace().device },
          { signal: flight.signal, onPart: (progress) => this.progress(key, progress) },
        )
        this.found[key] = markRaw(run)
        // that weights are untrained, or that it is a baseline, stands on every pane already, and what is odd about the recording was
        // said when it was opened
        const known = useLibrary().recording(request.recording)?.warnings ?? []
        const isNews = (text: string): boolean =>
          !known.includes(text) &&
          !(run.model.untrained && text.includes('untrained')) &&
          !text.startsWith('a baseline: ')
        for (const warning of run.warnings.filter(isNews))
          useNotices().say('warning', `${run.recording.name}, ${run.model.id}: ${warning}`)
        return true
      } catch (error) {
        if (isCancelled(error)) useNotices().say('note', `the run of ${request.model} was cancelled`)
        else useNotices().fail(error)
        return false
      } finally {
        flights.delete(key)
        this.pending = this.pending.filter((one) => one.key !== key)
        if (!this.busy)
          void useLibrary()
            .loadSystem()
            .catch(() => {}) // only the cache's size; a lost engine says so itself
      }
    },
    progress(key: string, progress: RunProgress): void {
      this.pending = this.pending.map((one) => (one.key === key ? { ...one, progress } : one))
    },
    cancelOne(key: string): void {
      flights.get(key)?.abort()
    },
    /** soft: ends at the next window or token */
    cancel(): void {
      for (const flight of flights.values()) flight.abort()
    },
    /** hard: kills the process that runs jobs; it is started again at once */
    async stopNow(): Promise<void> {
      for (const flight of flights.values()) flight.abort()
      try {
        await engine['inference.restart']({})
        useNotices().say(
          'warning',
          'Inference was stopped and started again; the run that was going on is lost, stored results are not.',
        )
      } catch (error) {
        useNotices().fail(error)
      }
    },
    /** What the store has pushed out meanwhile, or cannot read any more, has to be run again. */
    lose({ code, detail }: Pick<WireError, 'code' | 'detail'>): void {
      if (code !== 'not-found' || typeof detail['run'] !== 'string') return
      for (const [key, run] of Object.entries(this.found)) if (run?.id === detail['run']) this.found[key] = null
    },
    forget(): void {
      this.found = {}
    },
  },
})

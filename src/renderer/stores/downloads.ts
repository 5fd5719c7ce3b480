import { defineStore } from 'pinia'
import { watch } from 'vue'
import { isCancelled, messageOf } from '../../contract/errors.ts'
import type { PullInput, PullProgress } from '../../contract/hub.ts'
import { connection, engine } from '../engine.ts'
import { useHub } from './hub.ts'
import { useLibrary } from './library.ts'
import { useMachine } from './machine.ts'
import { useNotices } from './notices.ts'
import { useWorkspace } from './workspace.ts'

/** Downloads of models and of accelerators' libraries: one after the other, each of which can be paused and goes on where it was. */

export type DownloadInput = { model: PullInput; library?: never } | { library: string; model?: never }

export interface Download {
  /** a repository, or a library's id */
  key: string
  title: string
  input: DownloadInput
  state: 'waiting' | 'going' | 'paused' | 'failed' | 'done'
  /** null before anything was heard */
  progress: PullProgress | null
  /** why it failed */
  message: string
}

/** Aborting is not state: a controller must not become a proxy. */
const flights = new Map<string, { abort: AbortController; ended: Promise<void> }>()

const place = 'otoscope.downloads.1'

/** What an earlier page left: which weights were wanted and how much that is; the engine knows how much of it is here. */
const kept = (): Download[] => {
  try {
    const list = JSON.parse(localStorage.getItem(place) ?? '[]') as (Pick<Download, 'key' | 'title' | 'input'> & {
      total: number
    })[]
    return list.map(({ key, title, input, total }) => ({
      key,
      title,
      input,
      state: 'paused',
      progress: pausedAt(0, total),
      message: '',
    }))
  } catch {
    return []
  }
}

export const pausedAt = (bytes: number, total: number): PullProgress => ({
  stage: 'download',
  file: '',
  bytes,
  total,
  bytesPerSecond: null,
  secondsLeft: null,
  message: '',
})

export const useDownloads = defineStore('downloads', {
  state: () => ({ list: kept() }),
  getters: {
    of: (state) => (key: string) => state.list.find((one) => one.key === key) ?? null,
    /** what stands under `key`: a download of this page, or what an earlier one left, of which `partial` bytes are here */
    shown: (state) => (key: string, title: string, partial: number, total: number | null) => {
      const known = state.list.find((one) => one.key === key)
      if (!known && partial === 0) return null
      const left: Download = {
        key,
        title,
        input: { model: { model: key } },
        state: 'paused',
        progress: null,
        message: '',
      }
      const one = known ?? left
      if (one.state !== 'paused' && one.state !== 'failed') return one
      // what failed may have thrown away what was wrong
      const here = one.state === 'failed' ? partial : partial || (one.progress?.bytes ?? 0)
      return { ...one, progress: pausedAt(here, one.progress?.total || (total ?? 0)) }
    },
    going: (state) => state.list.find((one) => one.state === 'going') ?? null,
    waiting: (state) => state.list.filter((one) => one.state === 'waiting').length,
  },
  actions: {
    set(key: string, change: Partial<Download>): void {
      this.list = this.list.map((one) => (one.key === key ? { ...one, ...change } : one))
    },
    /** starts, or goes on with what was paused or failed */
    start(download: Pick<Download, 'key' | 'title' | 'input'>): void {
      const known = this.of(download.key)
      if (known && (known.state === 'waiting' || known.state === 'going')) return
      const progress = known?.state === 'done' ? null : (known?.progress ?? null)
      const next: Download = { ...download, state: 'waiting', progress, message: '' }
      this.list = [...this.list.filter((one) => one.key !== download.key), next]
      this.next()
    },
    next(): void {
      const first = this.list.find((one) => one.state === 'waiting')
      if (!first || this.going) return
      const abort = new AbortController()
      this.set(first.key, { state: 'going' })
      flights.set(first.key, { abort, ended: this.fetch(first, abort.signal) })
    },
    async fetch({ key, input, title }: Download, signal: AbortSignal): Promise<void> {
      const onPart = (progress: PullProgress): void => {
        const isFirst = progress.bytes > 0 && !this.of(key)?.progress?.bytes
        this.set(key, { progress })
        // what was asked for by its name stands in the list from now on
        if (isFirst && input.model && !useHub().card(key)) void this.seeModels()
      }
      const options = { signal, onPart }
      try {
        if (input.model) await engine['hub.pull'](input.model, options)
        else await engine['devices.install']({ library: input.library }, options)
        this.set(key, { state: 'done' })
        this.tell('note', `${title} was downloaded and checked`)
      } catch (error) {
        if (isCancelled(error)) this.set(key, { state: 'paused' })
        else this.fail(key, title, messageOf(error))
      } finally {
        flights.delete(key)
        this.next()
        void this.see(input)
      }
    },
    fail(key: string, title: string, message: string): void {
      this.set(key, { state: 'failed', message })
      this.tell('error', `${title} was not downloaded: ${message}`)
    },
    /** the dialogs that show downloads say it themselves */
    tell(kind: 'note' | 'error', text: string): void {
      const { dialog } = useWorkspace()
      if (dialog !== 'models' && dialog !== 'machine') useNotices().say(kind, text)
    },
    async see(input: DownloadInput): Promise<void> {
      try {
        await (input.library === undefined ? this.seeLists() : useMachine().seeLibraries())
      } catch (error) {
        // that the engine is gone is said where the connection is
        if (connection.link === 'open') useNotices().fail(error)
      }
    },
    /** the lists that a download of a model changes; the catalogue is read only where somebody has looked at it */
    async seeLists(): Promise<void> {
      await Promise.all([useLibrary().loadModels(), useHub().cards.length > 0 ? this.seeModels() : undefined])
    },
    async seeModels(): Promise<void> {
      const hub = useHub()
      await hub.load()
      if (!hub.failures.catalogue) this.reconcile((repo) => hub.card(repo)?.partialBytes ?? null)
    },
    async pause(key: string): Promise<void> {
      const flight = flights.get(key)
      if (!flight) return this.set(key, { state: 'paused' })
      flight.abort.abort()
      await flight.ended
    },
    /** ends a model's download and deletes what came */
    async discard(repo: string): Promise<void> {
      await this.pause(repo)
      try {
        await engine['hub.discard']({ repo })
        this.forget(repo)
        useHub().forget(repo)
      } catch (error) {
        this.set(repo, { state: 'failed', message: messageOf(error) })
      }
      await this.seeModels()
    },
    /** drops what an earlier page had paused and somebody has finished or deleted since: nothing of it is here */
    reconcile(partial: (key: string) => number | null): void {
      const isGone = ({ key, state, progress }: Download): boolean =>
        state === 'paused' && progress !== null && progress.bytes === 0 && partial(key) === 0
      this.list = this.list.filter((one) => !isGone(one))
    },
    forget(key: string): void {
      this.list = this.list.filter((one) => one.key !== key)
    },
  },
})

/** Remembers what is not done yet across reloads. */
export const keepDownloads = (downloads: ReturnType<typeof useDownloads>): void => {
  watch(
    () =>
      JSON.stringify(
        downloads.list
          .filter((one) => one.state !== 'done')
          .map(({ key, title, input, progress }) => ({ key, title, input, total: progress?.total ?? 0 })),
      ),
    (text) => {
      try {
        localStorage.setItem(place, text)
      } catch {
        // storage may be denied; the engine still knows what lies half downloaded
      }
    },
  )
}

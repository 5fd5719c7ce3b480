import { defineStore } from 'pinia'
import { mostHeard, type HeardBy } from '../../contract/heard-by.ts'
import type { Variant } from '../../contract/model.ts'
import type { RunInput } from '../../contract/run.ts'
import { defaultRegion, type Recording } from '../../contract/recording.ts'
import type { Range } from '../../contract/tensor.ts'
import { windowAt } from '../../contract/windows.ts'
import { joinModelId, splitModelId } from '../model-id.ts'
import { useTimeline } from '../timeline/timeline.ts'
import { useLibrary } from './library.ts'
import { useSettings } from './settings.ts'
import { windowRequests, type RunRequest, type WindowRequest } from './window-requests.ts'

/** Which recordings stand in which columns, and what will be run on them. */

export const mostColumns = 4

export const useWorkspace = defineStore('workspace', {
  state: () => ({
    columns: [null, null] as (string | null)[],
    active: 0,
    model: null as string | null,
    /** the model of column 0 … 3 where it is another than the chosen one, with its weights: `whisper-tiny:q8` */
    models: [null, null, null, null] as (string | null)[],
    /** columns that show column A less themselves */
    differences: [false, false, false, false],
    /** which weights of a model were chosen, by its id; its best where none were */
    variants: {} as Record<string, Variant>,
    device: 'auto' as RunInput['device'],
    language: 'auto',
    task: 'transcribe' as 'transcribe' | 'translate',
    maxTokens: null as number | null,
    /** the decoder position looked at, per column */
    tokens: [null, null, null, null] as (number | null)[],
    /** the word chosen, per column */
    words: [null, null, null, null] as (number | null)[],
    dialog: null as
      'palette' | 'help' | 'export' | 'enlarged' | 'models' | 'machine' | 'differences' | 'regions' | null,
    /** the repository that the model browser shows first, and the weights of it that are wanted */
    wanted: null as { repo: string; variant: Variant | null } | null,
  }),
  getters: {
    /** the model whose results a column shows, as calls take it; null while there is none */
    modelOf(state): (column: number) => string | null {
      return (column) => {
        const own = state.models[column] ?? null
        if (own === null) return state.model === null ? null : this.idOf(state.model)
        const { base, variant } = splitModelId(own)
        return joinModelId(base, variant, useLibrary().model(base)?.variant)
      }
    },
    /** the id of a model with the weights chosen for it: `whisper-tiny:q8` */
    idOf(state): (model: string) => string {
      return (model) => {
        const card = useLibrary().model(model)
        const chosen = state.variants[model] ?? null
        return joinModelId(model, chosen && card?.variants.includes(chosen) ? chosen : null, card?.variant)
      }
    },
  },
  actions: {
    /** Fills empty columns with recordings, drops closed ones, and keeps a model chosen. */
    settle(): void {
      const library = useLibrary()
      const known = new Set(library.recordings.map((recording) => recording.id))
      const kept = this.columns.map((id) => (id !== null && known.has(id) ? id : null))
      const spare = library.recordings.filter((recording) => !kept.includes(recording.id))
      this.columns = kept.map((id) => id ?? spare.shift()?.id ?? null)
      if (!library.model(this.model)) this.model = this.preferredModel()
      this.models = this.models.map((model) => (library.model(model) ? model : null))
      for (const recording of library.recordings) this.giveRegion(recording)
      this.fitTimeline()
    },
    /** first of all one that has learnt something; encoder-decoders show every pane there is */
    preferredModel(): string | null {
      const { models } = useLibrary()
      const trained = models.filter((model) => !model.untrained)
      const offered = trained.length > 0 ? trained : models
      return (offered.find((model) => model.type === 'encoder-decoder') ?? offered[0])?.id ?? null
    },
    giveRegion(recording: Recording): void {
      const { regions } = useTimeline()
      regions[recording.id] ??= defaultRegion(recording)
    },
    fitTimeline(): void {
      const library = useLibrary()
      const lengths = this.columns.map((id) => library.recording(id)?.seconds ?? 0)
      useTimeline().limitTo(lengths)
    },
    assign(recording: string, column: number): void {
      if (this.columns[column] !== recording) this.forgetOffset(column)
      this.columns = this.columns.map((old, i) => (i === column ? recording : old))
      this.active = column
      this.fitTimeline()
    },
    /** another recording was not what somebody shifted */
    forgetOffset(column: number): void {
      const timeline = useTimeline()
      // all are counted from column A
      if (timeline.alignment === 'free')
        timeline.align(timeline.offsets.map((old, i) => (column === 0 || i === column ? 0 : old)))
    },
    addColumn(): void {
      if (this.columns.length >= mostColumns) return
      const spare = useLibrary().recordings.find((recording) => !this.columns.includes(recording.id))
      this.columns = [...this.columns, spare?.id ?? null]
      this.fitTimeline()
    },
    removeColumn(column: number): void {
      if (this.columns.length <= 1) return
      const without = <Value>(list: readonly Value[], end: Value): Value[] => [
        ...list.filter((_, i) => i !== column),
        end,
      ]
      const timeline = useTimeline()
      const offsets = without(timeline.offsets, 0)
      this.columns = this.columns.filter((_, i) => i !== column)
      this.models = without(this.models, null)
      this.differences = without(this.differences, false).map((shown, i) => shown && i > 0)
      timeline.align(offsets.map((offset) => offset - offsets[0]!))
      this.active = Math.min(this.active, this.columns.length - 1)
      this.fitTimeline()
    },
    lookAtToken(column: number, token: number | null): void {
      this.tokens = this.tokens.map((old, i) => (i === column ? token : old))
    },
    chooseWord(column: number, word: number | null): void {
      this.words = this.words.map((old, i) => (i === column ? word : old))
    },
    /** what running `model` over a column's region means, a request for each of its windows; none for an empty column */
    requests(column: number, wanted?: string): readonly WindowRequest[] {
      const model = wanted === undefined ? this.modelOf(column) : this.idOf(wanted)
      const recording = this.columns[column] ?? null
      const region = recording === null ? undefined : useTimeline().regions[recording]
      if (recording === null || model === null || !region) return []
      const most = useLibrary().model(model)?.maxSeconds ?? null
      return windowRequests({ recording, region: [region[0], region[1]], model, options: this.optionsFor(model) }, most)
    },
    /** which of a column's windows is looked into: that of the pinned moment, or of the middle of what is seen */
    lookedInto(column: number, windows: readonly WindowRequest[]): number {
      if (windows.length <= 1) return 0
      const timeline = useTimeline()
      const [start, end] = timeline.rangeOf(column)
      const { pinned, query } = timeline
      return windowAt(windows, pinned && query !== null ? query + timeline.offsetOf(column) : (start + end) / 2)
    },
    /** of that window */
    request(column: number, wanted?: string): RunRequest | null {
      const windows = this.requests(column, wanted)
      return windows[this.lookedInto(column, windows)]?.request ?? null
    },
    /**
     * whose hearing of a column's sound is shown and played, null for the sound as it is: of the whole region, or of the window that is
     * looked into where that is longer than what is heard at once
     */
    heardBy(column: number): HeardBy | null {
      const windows = useSettings().sound === 'model' ? this.requests(column) : []
      const [first, last] = [windows[0], windows.at(-1)]
      if (!first || !last) return null
      const { model, region } = first.request
      const whole: Range = [region[0], last.request.region[1]]
      if (whole[1] - whole[0] <= mostHeard) return { model, region: whole }
      return { model, region: windows[this.lookedInto(column, windows)]!.request.region }
    },
    optionsFor(model: string): RunRequest['options'] {
      if (useLibrary().model(model)?.type !== 'encoder-decoder') return {}
      const options = { language: this.language, task: this.task }
      return this.maxTokens === null ? options : { ...options, maxTokens: this.maxTokens }
    },
  },
})

import {
  computed,
  inject,
  provide,
  ref,
  shallowRef,
  type ComputedRef,
  type InjectionKey,
  type Ref,
  type ShallowRef,
  type WritableComputedRef,
} from 'vue'
import type { AttentionLine } from '../../contract/engine.ts'
import type { Alignment } from '../../contract/model.ts'
import type { Recording } from '../../contract/recording.ts'
import type { Run } from '../../contract/run.ts'
import type { RunEstimate } from '../../contract/estimate.ts'
import type { Range } from '../../contract/tensor.ts'
import { engine } from '../engine.ts'
import { useQuery, type Query } from '../query.ts'
import { useLibrary } from '../stores/library.ts'
import { useRuns } from '../stores/runs.ts'
import { useSettings } from '../stores/settings.ts'
import type { WindowRequest } from '../stores/window-requests.ts'
import { useWorkspace } from '../stores/workspace.ts'
import { letterOf, useTimeline } from '../timeline/timeline.ts'
import { useBeside, type Beside } from './beside.ts'
import { alignmentOf, rowOf } from './row.ts'
import { useRunEstimate } from './run-estimate.ts'
import { siteOf, type Site } from './site.ts'
import { useColumnSound, type ColumnSound } from './column-sound.ts'

export interface Mark {
  seconds: number
  kind: 'high' | 'low'
  title: string
}

/** A window of a region longer than the model hears at a time. */
export interface ColumnWindow extends WindowRequest {
  /** from 1 on, of all windows of the region */
  number: number
  /** null while there is none */
  run: Run | null
  /** the one that is looked into: attention, texts and numbers are of this one */
  looked: boolean
}

/** What every pane of one column shares. */
export interface Column {
  index: number
  letter: string
  recording: ComputedRef<Recording | null>
  /** what waveform and spectrogram show: the recording, or what the model hears of it */
  sound: ColumnSound
  /** the run of the chosen model over the region, or over the window of it that is looked into; null while there is none */
  run: ComputedRef<Run | null>
  /** those windows of a long region that are in view; none where the model hears all of it at once */
  windows: ComputedRef<ColumnWindow[]>
  range: ComputedRef<Range>
  /** the timeline's cursor in this recording's seconds; setting it sets it for all */
  cursor: WritableComputedRef<number | null>
  /** the moment whose attention row is looked at, in this recording's seconds */
  lookedAt: ComputedRef<number | null>
  /** the playhead in this recording's seconds, and whether it is this recording that is heard there */
  playhead: ComputedRef<{ seconds: number; own: boolean } | null>
  /** this recording's seconds as the timeline counts them */
  aligned(seconds: number): number
  /** CSS pixels of the time plots, measured once for all of them */
  pixels: Ref<number>
  /** moments that a pane points at, marked on the ruler */
  marks: ShallowRef<Mark[]>
  site: ComputedRef<Site | null>
  /** the alignment heads of the run's checkpoint; null where it names none */
  alignment: ComputedRef<Alignment | null>
  /** the step or token whose attention row is looked at; null for none */
  queryIndex: ComputedRef<number | null>
  line: Query<AttentionLine>
  /** the weights that every moment gives the pinned one; asked where both are in time and curves are shown */
  columnLine: Query<AttentionLine>
  /** it shows column A less itself where it can */
  difference: ComputedRef<boolean>
  /** what the run is held against */
  beside: Beside
  /** what a run would take, asked while there is none */
  estimate: Query<RunEstimate>
}

/** widths of the gutters beside every time plot, so that all panes share one axis */
export const gutters = { left: 44, right: 56 }

const key: InjectionKey<Column> = Symbol('column')

export const provideColumn = (index: number): Column => {
  const library = useLibrary()
  const timeline = useTimeline()
  const workspace = useWorkspace()
  const runs = useRuns()
  const settings = useSettings()
  const run = computed(() => runs.runOf(workspace.request(index)))
  const windows = computed((): ColumnWindow[] => {
    const all = workspace.requests(index)
    if (all.length <= 1) return []
    const [start, end] = timeline.rangeOf(index)
    const looked = workspace.lookedInto(index, all)
    return all.flatMap((one, i) => {
      const inView = one.shown[0] < end && one.shown[1] > start
      return inView ? [{ ...one, number: i + 1, run: runs.runOf(one.request), looked: i === looked }] : []
    })
  })
  const inOwn = (aligned: number | null): number | null =>
    aligned === null ? null : aligned + timeline.offsetOf(index)
  const aligned = (seconds: number): number => seconds - timeline.offsetOf(index)
  const lookedAt = computed(() => inOwn(timeline.lookedAt))
  const alignment = computed(() => run.value && alignmentOf(run.value))
  const site = computed(() => run.value && siteOf(settings.attention, run.value, alignment.value !== null))
  const queryIndex = computed(() => rowOf(index)?.index ?? null)
  const lineQuery = (line: 'row' | 'column', name: string, isWanted: () => boolean) =>
    useQuery({
      name,
      input: () =>
        run.value && site.value && queryIndex.value !== null && isWanted()
          ? {
              run: run.value.id,
              tap: site.value.tap,
              heads: site.value.heads,
              line,
              index: queryIndex.value,
              weights: settings.attention.weights,
              audioOnly: settings.attention.audioOnly,
            }
          : null,
      identity: (input) => JSON.stringify({ ...input, index: 0 }),
      call: (input, options) => engine['runs.attentionLine'](input, options),
      delayMs: 25,
    })
  const line = lineQuery('row', 'line', () => true)
  const columnLine = lineQuery(
    'column',
    'column line',
    () => timeline.pinned && settings.attention.curves && site.value?.kind === 'encoder',
  )
  const estimate = useRunEstimate(() => workspace.request(index))
  const recording = computed(() => library.recording(workspace.columns[index] ?? null))
  const column: Column = {
    index,
    letter: letterOf(index),
    recording,
    sound: useColumnSound(index, recording),
    run,
    windows,
    // plain numbers: drawing reads them thousands of times a frame, and a reactive array is slow to read
    range: computed((): Range => {
      const [start, end] = timeline.rangeOf(index)
      return [start, end]
    }),
    cursor: computed({
      get: () => inOwn(timeline.cursor),
      set: (seconds) => (timeline.cursor = seconds === null ? null : aligned(seconds)),
    }),
    lookedAt,
    playhead: computed(() => {
      const head = timeline.playhead
      if (!head) return null
      const own = head.column === index
      return { own, seconds: own ? head.seconds : inOwn(head.seconds - timeline.offsetOf(head.column))! }
    }),
    aligned,
    pixels: ref(400),
    marks: shallowRef([]),
    site,
    alignment,
    queryIndex,
    line,
    columnLine,
    difference: computed(() => index > 0 && (workspace.differences[index] ?? false)),
    beside: useBeside(index, run),
    estimate,
  }
  provide(key, column)
  return column
}

export const useColumn = (): Column => {
  const column = inject(key)
  if (!column) throw new Error('a pane stands outside a column')
  return column
}

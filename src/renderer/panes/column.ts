import { computed, inject, provide, ref, type ComputedRef, type InjectionKey, type Ref } from 'vue'
import type { AttentionLine } from '../../contract/engine.ts'
import type { Recording } from '../../contract/recording.ts'
import type { Run } from '../../contract/run.ts'
import type { RunEstimate } from '../../contract/estimate.ts'
import type { Range } from '../../contract/tensor.ts'
import { engine } from '../engine.ts'
import { useQuery, type Query } from '../query.ts'
import { useLibrary } from '../stores/library.ts'
import { useMachine } from '../stores/machine.ts'
import { runKey, useRuns } from '../stores/runs.ts'
import { useSettings } from '../stores/settings.ts'
import { useWorkspace } from '../stores/workspace.ts'
import { letterOf, useTimeline } from '../timeline/timeline.ts'
import { useBeside, type Beside } from './beside.ts'
import { rowOf } from './row.ts'
import { siteOf, type Site } from './site.ts'

/** What every pane of one column shares. */
export interface Column {
  index: number
  letter: string
  recording: ComputedRef<Recording | null>
  /** the run of the chosen model over the region; null while there is none */
  run: ComputedRef<Run | null>
  range: ComputedRef<Range>
  /** CSS pixels of the time plots, measured once for all of them */
  pixels: Ref<number>
  site: ComputedRef<Site | null>
  /** the step or token whose attention row is looked at; null for none */
  queryIndex: ComputedRef<number | null>
  line: Query<AttentionLine>
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
  const machine = useMachine()
  const settings = useSettings()
  const run = computed(() => runs.runOf(workspace.request(index)))
  const site = computed(() => (run.value ? siteOf(settings.attention, run.value) : null))
  const queryIndex = computed(() => rowOf(index)?.index ?? null)
  const line = useQuery({
    name: 'line',
    input: () =>
      run.value && site.value && queryIndex.value !== null
        ? {
            run: run.value.id,
            tap: site.value.tap,
            heads: site.value.heads,
            line: 'row' as const,
            index: queryIndex.value,
          }
        : null,
    identity: (input) => `${input.run} ${input.tap} ${JSON.stringify(input.heads)}`,
    call: (input, options) => engine['runs.attentionLine'](input, options),
    delayMs: 25,
  })
  const estimate = useQuery({
    name: 'estimate',
    // the answer changes with what may be used, and with the weights that are there to choose from
    input: () => {
      const request = workspace.request(index)
      if (!request || runs.found[runKey(request)] === undefined || runs.runOf(request)) return null
      const limit = machine.settings?.settings.memoryLimit ?? null
      const variants = library.model(request.model)?.variants ?? []
      return { ...request, device: workspace.device, limit, variants }
    },
    identity: (input) => input.model,
    call: (input, options) => engine['runs.estimate'](input, options),
    delayMs: 250,
  })
  const column: Column = {
    index,
    letter: letterOf(index),
    recording: computed(() => library.recording(workspace.columns[index] ?? null)),
    run,
    // plain numbers: drawing reads them thousands of times a frame, and a reactive array is slow to read
    range: computed((): Range => {
      const [start, end] = timeline.rangeOf(index)
      return [start, end]
    }),
    pixels: ref(400),
    site,
    queryIndex,
    line,
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

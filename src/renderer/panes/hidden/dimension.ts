import { computed, onScopeDispose, watch } from 'vue'
import { secondsAt, stepAt, validEnd, edgeAt } from '../../../contract/grid.ts'
import { engine } from '../../engine.ts'
import { clock, reading } from '../../format.ts'
import { useQuery } from '../../query.ts'
import { providerSuffix } from '../../run-facts.ts'
import { useSettings } from '../../stores/settings.ts'
import { accentOf, themeColour } from '../../styles/theme.ts'
import type { Draw } from '../../components/canvas.ts'
import type { Scale } from '../../timeline/geometry.ts'
import { useColumn } from '../column.ts'
import type { Chosen } from './chosen.ts'
import { drawCurve, valueRange } from './draw-curve.ts'

/** A moment at which a dimension is greatest or least. */
export interface Moment {
  kind: 'high' | 'low'
  step: number
  /** null for a token */
  seconds: number | null
  value: number
}

/** One dimension of the chosen hidden state as a curve over time, and the moments that drive it most. */
export const useDimension = ({ run, stack, tap }: Chosen) => {
  const column = useColumn()
  const settings = useSettings()
  const asked = computed(() => settings.hidden.view === 'dimension')
  const dimension = computed(() => {
    const wanted = Math.floor(Number(settings.hidden.dimension) || 0)
    return Math.min(Math.max(0, wanted), (stack.value?.width ?? 1) - 1)
  })
  const query = useQuery({
    name: 'dimension',
    input: () => (run.value && asked.value ? { run: run.value.id, tap: tap.value, dimension: dimension.value } : null),
    identity: (input) => `${input.run} ${input.tap.split('.')[0]}`,
    call: (input, options) => engine['runs.dimension'](input, options),
  })
  const curve = query.value

  const moments = computed((): Moment[] => {
    const found = curve.value
    if (!found) return []
    const { grid, values } = found
    const moment = (kind: Moment['kind'], step: number): Moment => ({
      kind,
      step,
      seconds: grid ? secondsAt(grid, step) : null,
      value: values[step]!,
    })
    return [...found.highest.map((step) => moment('high', step)), ...found.lowest.map((step) => moment('low', step))]
  })
  watch(
    moments,
    (all) => {
      column.marks.value = all.flatMap(({ kind, seconds, value }) =>
        seconds === null
          ? []
          : [{ kind, seconds, title: `dimension ${dimension.value} is ${reading(value)} at ${clock(seconds)}` }],
      )
    },
    { immediate: true },
  )
  onScopeDispose(() => (column.marks.value = []))

  const range = computed(() => (curve.value ? valueRange(curve.value) : null))
  const ticks = computed(() => {
    if (!range.value) return []
    const [low, high] = range.value
    const zero = -low / (high - low)
    return [
      { at: 0, label: reading(low) },
      ...(zero > 0.12 && zero < 0.88 ? [{ at: zero, label: '0' }] : []),
      { at: 1, label: reading(high) },
    ]
  })
  const subtitle = computed(() => {
    if (!run.value || !stack.value) return 'one dimension over time'
    const found = curve.value
    const numbers = found ? ` · mean ${reading(found.mean)}, SD ${reading(found.deviation)}` : ''
    const kind = found?.grid ? 'steps on audio' : 'tokens'
    return `${tap.value} · dimension ${dimension.value} of 0–${stack.value.width - 1}${numbers}${found ? ` of ${found.valid} ${kind}` : ''}${providerSuffix(run.value)}`
  })
  const draw = (scale: Scale): Draw =>
    drawCurve(curve.value, range.value, moments.value, scale, {
      curve: accentOf(column.index),
      axis: themeColour('line'),
      mark: themeColour('mint'),
    })
  const describe = (): string => {
    const found = curve.value
    const at = column.cursor.value
    if (!found?.grid || at === null) return ''
    if (at < edgeAt(found.grid, 0) || at >= edgeAt(found.grid, found.grid.count)) return ''
    const step = stepAt(found.grid, at)
    const padding = at >= validEnd(found.grid) ? ', padding' : ''
    return `step ${step}: ${reading(found.values[step]!)}${padding}`
  }
  const note = computed(() => {
    const found = curve.value
    if (!found) return ''
    return found.grid
      ? `peaks of steps on audio only, at least ${Math.round(found.apart * found.grid.step * 1000)} ms apart`
      : 'peaks over all tokens, the prompt’s among them'
  })
  return { query, curve, dimension, moments, ticks, subtitle, draw, describe, note }
}

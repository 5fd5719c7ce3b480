import type { RunEstimate } from '../../contract/estimate.ts'
import { windowsRefusal } from '../../figures/windows-refusal.ts'
import type { WindowRequest } from '../stores/window-requests.ts'

const perSecond = 10

/** The estimate of one window, refused where the results of all of them do not fit into the cache together, with how much would. */
export const windowsEstimate = (one: RunEstimate, windows: readonly WindowRequest[]): RunEstimate => {
  const { length: count, [0]: first } = windows
  const refusal = first && one.fits && count > 1 ? windowsRefusal(first.request.model, count, one.cache) : null
  if (!first || !refusal) return one
  const last = windows[Math.floor(one.cache.limit / one.cache.likely) - 1]!
  const seconds = Math.floor(perSecond * (last.shown[1] - first.shown[0])) / perSecond
  return { ...one, fits: false, refused: refusal.message, fitting: { seconds, tokens: null } }
}

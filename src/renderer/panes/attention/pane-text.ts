import type { AttentionMap } from '../../../contract/engine.ts'
import type { Run } from '../../../contract/run.ts'
import { percent } from '../../format.ts'
import { attentionOrigin, providerSuffix } from '../../run-facts.ts'
import type { Settings } from '../../stores/settings.ts'
import { describeHeads, type Site } from '../site.ts'
import { atlasNote, modeNotes, modeText } from './weight-text.ts'

/** What the pane of attention says of its map; what is not there yet is left out. */

type Shown = Pick<Settings, 'attention' | 'atlas'>

/** "encoder.attention.3 · head mean · 250 × 250 · raw · as computed · log · zoom 2.0×" */
export const subtitleOf = (
  run: Run,
  site: Site,
  map: AttentionMap | null,
  { attention }: Shown,
  zoom: number,
): string => {
  const { tap, heads } = site
  const parts = [heads === 'alignment' ? 'cross.attention' : tap, describeHeads(heads)]
  if (map) parts.push(`${map.queryCount} × ${map.keyCount}`)
  const modes = modeText(site, attention)
  // the line may be cut short: what is no plain weight comes first
  if (modes.isPlain) parts.push(modes.text)
  else parts.unshift(modes.text)
  if (zoom > 1.01) parts.push(`zoom ${zoom.toFixed(1)}×`)
  return parts.join(' · ') + providerSuffix(run)
}

/** What the picture leaves out, or what its numbers hold besides sound. */
export const notesOf = (run: Run, site: Site, map: AttentionMap | null, { attention, atlas }: Shown): string => {
  const padded = map?.keyGrid && map.keyGrid.valid < map.keyGrid.count
  return [
    ...modeNotes(site, attention),
    atlas.shown ? atlasNote(atlas.metric, attention) : '',
    map?.folded
      ? `Bands folded onto time; special tokens, ${percent(map.folded.specialShare)} of the weight, left out.`
      : '',
    padded && map.paddingShare !== null ? `${percent(map.paddingShare)} of the weight on padding.` : '',
    attentionOrigin(run),
  ]
    .filter(Boolean)
    .join(' ')
}

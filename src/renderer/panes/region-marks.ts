import type { ListedRegion } from '../listed-region.ts'
import { stretchOf, type Scale } from '../timeline/geometry.ts'

/** A region over a plot, in pixels from its left edge. */
export interface RegionMark {
  id: string
  left: number
  width: number
  kind: 'named' | 'proposed' | 'chosen'
  /** so near to another that only its top is drawn: what lies under it stays to be seen */
  crowded: boolean
  /** its name where there is room: from which pixel on, and how wide it may be */
  label: { text: string; left: number; most: number } | null
}

/** nearer to the one before it, a region is not drawn; a name is not begun in less than so much room */
const [leastApart, leastLabel, leastWhole] = [3, 28, 8]

/** Of regions sorted by start those that have room: however many there are, no more than a third of the pixels. The chosen one always is. */
export const marksOf = (listed: readonly ListedRegion[], scale: Scale, chosen: string | null): RegionMark[] => {
  const marks: RegionMark[] = []
  let last = -Infinity
  for (const { region, proposed } of listed) {
    if (region.start > scale.range[1]) break
    if (region.end < scale.range[0]) continue
    const { left, width } = stretchOf(scale, [region.start, region.end])
    const isChosen = region.id === chosen
    if (left - last < leastApart && !isChosen) continue
    last = left
    const kind = isChosen ? 'chosen' : proposed ? 'proposed' : 'named'
    marks.push({
      id: region.id,
      left,
      width,
      kind,
      crowded: false,
      label: { text: region.name, left: Math.max(0, left), most: 0 },
    })
  }
  return marks.map((mark, i) => {
    const label = mark.label!
    const next = marks[i + 1]?.left ?? scale.pixels
    const room = Math.min(scale.pixels, next) - label.left - 2
    const apart = Math.min(mark.left - (marks[i - 1]?.left ?? -Infinity), (marks[i + 1]?.left ?? Infinity) - mark.left)
    const crowded = mark.kind !== 'chosen' && apart < leastWhole
    return {
      ...mark,
      crowded,
      label: room >= leastLabel && label.text !== '' ? { ...label, most: Math.min(room, 160) } : null,
    }
  })
}

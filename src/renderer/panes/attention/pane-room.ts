/** Where things lie in the pane of attention, in CSS pixels. */
export interface Room {
  /** side of the map */
  side: number
  /** width of what stands beside it */
  beside: number
  /** height of the buttons of what is listened to, which wrap where there is no room */
  hear: number
  /** side of a baseline's map; null where two maps would not stand side by side */
  baseline: number | null
}

/** beside the map: its time labels, the scale bar, the gaps */
const besides = { ticks: 44, bar: 56, gaps: 24 }
/** time labels under a map */
const ticksBelow = 22
/** the line over a baseline's map */
export const labelHeight = 14
const least = { map: 120, baseline: 110, beside: 60 }
const hearButtons = { height: 20, width: 235 }

export const roomOf = (width: number, height: number): Room => {
  const room = width - besides.ticks - besides.bar - besides.gaps
  const side = Math.max(least.map, Math.min(height - ticksBelow, Math.round(room * 0.56)))
  const beside = room - side
  const hear = 2 + hearButtons.height * Math.ceil(hearButtons.width / Math.max(least.beside, beside))
  const baseline = Math.min(side, beside - besides.ticks, height - ticksBelow - 2 * labelHeight - hear)
  return { side, beside, hear, baseline: baseline < least.baseline ? null : baseline }
}

/** Lines of a note: some 5.7 pixels a character, what is lost at line ends among them; what does not fit is in its title. */
export const noteLines = (note: string, { beside }: Room): number =>
  Math.min(5, Math.ceil((5.7 * note.length) / Math.max(least.beside, beside)))

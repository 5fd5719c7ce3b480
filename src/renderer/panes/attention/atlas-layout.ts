/** How large the cells of the atlas's grid are, in CSS pixels. */

export interface Size {
  width: number
  height: number
}

export const gap = 1
/** numbers of layers at the left, of heads at the top */
export const margin = { left: 14, top: 13 }
/** maps under this side tell nothing, nor do larger ones tell more: the grid is then scrolled, with maps of `readable` */
const map = { least: 16, readable: 28, most: 96 }

const share = (room: number, n: number): number => Math.floor(room / Math.max(1, n)) - gap
const between = (least: number, most: number, value: number): number => Math.max(least, Math.min(most, value))

export const cellSize = (room: Size, heads: number, layers: number): Size => ({
  width: between(8, 64, share(room.width - margin.left, heads)),
  height: between(8, 30, share(room.height - margin.top, layers)),
})

/** Side of a square cell with a map in it. */
export const mapSide = (room: Size, heads: number, layers: number): number => {
  const side = Math.min(share(room.width - margin.left, heads), share(room.height - margin.top, layers))
  return side < map.least ? map.readable : Math.min(map.most, side)
}

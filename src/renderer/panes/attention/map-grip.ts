/** Zooming and moving an attention map by hand: Ctrl and the wheel, a drag, or + − 0. Places are shares of the map's size. */

export interface Spot {
  /** from the top */
  query: number
  /** from the left */
  key: number
}

interface Moves {
  zoom(factor: number, at: Spot): void
  pan(by: Spot): void
  whole(): void
}

const keyFactors: Record<string, number> = { '+': 0.6, '=': 0.6, '-': 1 / 0.6 }
const leastPixels = 4

export const createGrip = ({ zoom, pan, whole }: Moves) => {
  let held: { x: number; y: number; moved: boolean } | null = null
  const boxOf = (event: MouseEvent): DOMRect => (event.currentTarget as HTMLElement).getBoundingClientRect()
  return {
    wheel: (event: WheelEvent): void => {
      if (!event.ctrlKey && !event.metaKey) return
      event.preventDefault()
      const box = boxOf(event)
      const at = { query: (event.clientY - box.top) / box.height, key: (event.clientX - box.left) / box.width }
      zoom(Math.exp(event.deltaY / 240), at)
    },
    press: (event: PointerEvent): void => {
      if (event.button === 0) held = { x: event.clientX, y: event.clientY, moved: false }
    },
    drag: (event: PointerEvent): void => {
      if (!held) return
      const [x, y] = [event.clientX - held.x, event.clientY - held.y]
      if (!held.moved && Math.hypot(x, y) < leastPixels) return
      held = { x: event.clientX, y: event.clientY, moved: true }
      const box = boxOf(event)
      pan({ query: -y / box.height, key: -x / box.width })
    },
    /** whether what ends was a drag, and no click */
    release: (): boolean => {
      const moved = held?.moved ?? false
      held = null
      return moved
    },
    /** whether the key was one of ours; `at` stays where it is */
    key: (event: KeyboardEvent, at: () => Spot): boolean => {
      const factor = keyFactors[event.key]
      if (event.ctrlKey || event.metaKey || event.altKey || (factor === undefined && event.key !== '0')) return false
      event.preventDefault()
      event.stopPropagation()
      if (factor === undefined) whole()
      else zoom(factor, at())
      return true
    },
  }
}

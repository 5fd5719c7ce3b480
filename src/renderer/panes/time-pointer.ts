import { useWorkspace } from '../stores/workspace.ts'
import { secondsAtPixel, type Scale } from '../timeline/geometry.ts'
import { useTimeline } from '../timeline/timeline.ts'

/** What a drag does instead of moving what is visible. `slack`: how many seconds a pointer is near to, a few pixels. */
export interface TimeDrag {
  begin(seconds: number, slack: number): void
  move(seconds: number): void
  end(seconds: number): Promise<void>
  cancel(): void
  /** the pointer's shape where a drag would begin there; empty for the plot's own */
  cursor(seconds: number, slack: number): string
}

/** how near an edge is taken, in pixels */
const reach = 5

/** What the pointer does over anything that lies on the time axis: it moves the cursor, drags, zooms, and a press says where, its height a share
 *  from the bottom; with Shift it pins. */
export const useTimePointer = (
  column: number,
  scale: () => Scale,
  seek: (seconds: number, height: number) => void,
  drag: () => TimeDrag | undefined = () => undefined,
) => {
  const timeline = useTimeline()
  const workspace = useWorkspace()
  let dragged: { x: number; seconds: number; moved: boolean } | null = null
  const slack = (): number => secondsAtPixel(scale(), reach) - scale().range[0]

  const secondsUnder = (event: MouseEvent): number => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect()
    return secondsAtPixel(scale(), event.clientX - box.left)
  }
  const aligned = (seconds: number): number => seconds - timeline.offsetOf(column)
  const capture = (event: PointerEvent): void => (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId)
  return {
    press: (event: PointerEvent): void => {
      if (event.button !== 0) return
      dragged = { x: event.clientX, seconds: secondsUnder(event), moved: false }
      workspace.active = column
      // a captured pointer presses no button that lies here
      if (!(event.target as HTMLElement).closest('button')) capture(event)
    },
    move: (event: PointerEvent): void => {
      timeline.cursor = aligned(secondsUnder(event))
      if (event.buttons === 0) dragged = null
      const own = drag()
      if (!dragged) {
        ;(event.currentTarget as HTMLElement).style.cursor = own?.cursor(secondsUnder(event), slack()) ?? ''
        return
      }
      const by = event.clientX - dragged.x
      if (!dragged.moved && Math.abs(by) < 4) return
      if (!dragged.moved) {
        capture(event)
        own?.begin(dragged.seconds, slack())
      }
      dragged = { ...dragged, x: event.clientX, moved: true }
      if (own) return own.move(secondsUnder(event))
      timeline.pan(column, -by / scale().pixels)
    },
    release: (event: PointerEvent): void => {
      if (dragged && !dragged.moved) {
        const box = (event.currentTarget as HTMLElement).getBoundingClientRect()
        if (event.shiftKey) timeline.pin(aligned(secondsUnder(event)))
        else seek(secondsUnder(event), (box.bottom - event.clientY) / box.height)
      }
      if (dragged?.moved) void drag()?.end(secondsUnder(event))
      dragged = null
    },
    cancel: (): void => {
      if (dragged?.moved) drag()?.cancel()
      dragged = null
    },
    wheel: (event: WheelEvent): void => {
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault()
        timeline.zoom(column, Math.exp(event.deltaY / 240), secondsUnder(event))
        return
      }
      const sideways = event.shiftKey ? event.deltaY : event.deltaX
      if (Math.abs(sideways) < 1) return
      event.preventDefault()
      timeline.pan(column, sideways / scale().pixels)
    },
  }
}

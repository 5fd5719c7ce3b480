import { useWorkspace } from '../stores/workspace.ts'
import { secondsAtPixel, type Scale } from '../timeline/geometry.ts'
import { useTimeline } from '../timeline/timeline.ts'

/** What a drag over a picture in time does. `slack`: how many seconds a pointer is near to, a few pixels. */
export interface TimeDrag {
  begin(seconds: number, slack: number): void
  /** `by`: pixels since the last move */
  move(seconds: number, by: number): void
  end(seconds: number): Promise<void>
  cancel(): void
  /** the pointer's shape where a drag would begin there; empty for the picture's own */
  cursor(seconds: number, slack: number): string
}

/** how near an edge is taken, and how far a press goes before it is a drag, in pixels */
const [reach, leastDrag] = [5, 4]

const secondsUnder = (event: MouseEvent, scale: Scale): number => {
  const box = (event.currentTarget as HTMLElement).getBoundingClientRect()
  return secondsAtPixel(scale, event.clientX - box.left)
}

/** Tells drags over a picture in time from presses. */
export const useTimeDrag = (
  column: number,
  scale: () => Scale,
  drag: () => TimeDrag,
  click: (event: PointerEvent, seconds: number) => void = () => {},
) => {
  const workspace = useWorkspace()
  let dragged: { x: number; seconds: number; moved: boolean } | null = null
  const slack = (): number => secondsAtPixel(scale(), reach) - scale().range[0]
  const capture = (event: PointerEvent): void => (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId)
  return {
    press: (event: PointerEvent): void => {
      if (event.button !== 0) return
      dragged = { x: event.clientX, seconds: secondsUnder(event, scale()), moved: false }
      workspace.active = column
      // a captured pointer presses no button that lies here
      if (!(event.target as HTMLElement).closest('button')) capture(event)
    },
    move: (event: PointerEvent): void => {
      const seconds = secondsUnder(event, scale())
      if (event.buttons === 0) dragged = null
      if (!dragged) {
        ;(event.currentTarget as HTMLElement).style.cursor = drag().cursor(seconds, slack())
        return
      }
      const by = event.clientX - dragged.x
      if (!dragged.moved && Math.abs(by) < leastDrag) return
      if (!dragged.moved) {
        capture(event)
        drag().begin(dragged.seconds, slack())
      }
      dragged = { ...dragged, x: event.clientX, moved: true }
      drag().move(seconds, by)
    },
    release: (event: PointerEvent): void => {
      if (!dragged) return
      const seconds = secondsUnder(event, scale())
      if (dragged.moved) void drag().end(seconds)
      else click(event, seconds)
      dragged = null
    },
    cancel: (): void => {
      if (dragged?.moved) drag().cancel()
      dragged = null
    },
  }
}

/** What the pointer does over anything that lies on the time axis: it moves the cursor, drags, zooms, and a press says where, its height a share
 *  from the bottom; with Shift it pins. Without a `drag` of its own what is visible is moved. */
export const useTimePointer = (
  column: number,
  scale: () => Scale,
  seek: (seconds: number, height: number) => void,
  drag: () => TimeDrag | undefined = () => undefined,
) => {
  const timeline = useTimeline()
  const aligned = (seconds: number): number => seconds - timeline.offsetOf(column)
  const pan: TimeDrag = {
    begin: () => {},
    move: (_seconds, by) => timeline.pan(column, -by / scale().pixels),
    end: () => Promise.resolve(),
    cancel: () => {},
    cursor: () => '',
  }
  const click = (event: PointerEvent, seconds: number): void => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect()
    if (event.shiftKey) timeline.pin(aligned(seconds))
    else seek(seconds, (box.bottom - event.clientY) / box.height)
  }
  const dragging = useTimeDrag(column, scale, () => drag() ?? pan, click)
  return {
    ...dragging,
    move: (event: PointerEvent): void => {
      timeline.cursor = aligned(secondsUnder(event, scale()))
      dragging.move(event)
    },
    wheel: (event: WheelEvent): void => {
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault()
        timeline.zoom(column, Math.exp(event.deltaY / 240), secondsUnder(event, scale()))
        return
      }
      const sideways = event.shiftKey ? event.deltaY : event.deltaX
      if (Math.abs(sideways) < 1) return
      event.preventDefault()
      timeline.pan(column, sideways / scale().pixels)
    },
  }
}

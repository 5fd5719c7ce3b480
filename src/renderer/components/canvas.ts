import { effect, onBeforeUnmount, onMounted, ref, stop, watch, type Ref } from 'vue'

/** Size in CSS pixels of an element, followed while it is mounted. */
export const useSize = (element: Ref<HTMLElement | null>): { width: Ref<number>; height: Ref<number> } => {
  const width = ref(0)
  const height = ref(0)
  const observer = new ResizeObserver(([entry]) => {
    if (!entry) return
    width.value = Math.round(entry.contentRect.width)
    height.value = Math.round(entry.contentRect.height)
  })
  // the element may come later than the component
  watch(element, (now, before) => {
    if (before) observer.unobserve(before)
    if (now) observer.observe(now)
  })
  onMounted(() => element.value && observer.observe(element.value))
  onBeforeUnmount(() => observer.disconnect())
  return { width, height }
}

export type Draw = (context: CanvasRenderingContext2D, size: { width: number; height: number }) => void

/** Draws now and again, once a frame, when anything that `draw` read has changed. Units are CSS pixels, whatever the screen's density. */
export const useDrawing = (
  canvas: Ref<HTMLCanvasElement | null>,
  size: () => { width: number; height: number },
  draw: () => Draw,
): void => {
  onMounted(() => {
    let frame = 0
    const runner = effect(
      () => {
        const element = canvas.value
        const { width, height } = size()
        const context = element?.getContext('2d')
        const paint = draw()
        if (!element || !context || width <= 0 || height <= 0) return
        const density = window.devicePixelRatio || 1
        element.width = Math.round(width * density)
        element.height = Math.round(height * density)
        context.setTransform(density, 0, 0, density, 0, 0)
        paint(context, { width, height })
      },
      {
        scheduler: () => {
          cancelAnimationFrame(frame)
          frame = requestAnimationFrame(() => runner())
        },
      },
    )
    onBeforeUnmount(() => {
      cancelAnimationFrame(frame)
      stop(runner)
    })
  })
}

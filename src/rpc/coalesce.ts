/** Lets at most one value per `milliseconds` through, always the newest; `flush` sends what still waits. */
export const coalesce = <T>(send: (value: T) => void, milliseconds: number) => {
  let waiting: { value: T } | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  const flush = (): void => {
    clearTimeout(timer)
    timer = undefined
    if (!waiting) return
    const { value } = waiting
    waiting = undefined
    send(value)
  }
  const tick = (): void => {
    timer = undefined
    if (waiting) push(waiting.value)
  }
  const push = (value: T): void => {
    waiting = { value }
    if (timer !== undefined) return
    flush()
    timer = setTimeout(tick, milliseconds)
  }
  return { push, flush }
}

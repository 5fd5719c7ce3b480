import type { Message, Port } from '../port.ts'

/** Two ports joined in one process. Values are handed over as they are, not copied, and always after the sender's turn. */
export const pair = (): [Port, Port] => {
  const left = end()
  const right = end()
  let open = true
  const port = (own: End, other: End): Port => ({
    send: (message) => {
      if (open) later(() => open && other.message(message))
    },
    onMessage: (listener) => (own.message = listener),
    onClose: (listener) => {
      own.close = listener
      if (!open) later(listener)
    },
    close: () => {
      if (!open) return
      open = false
      later(left.close)
      later(right.close)
    },
  })
  return [port(left, right), port(right, left)]
}

interface End {
  message(message: Message): void
  close(): void
}

const end = (): End => ({ message: () => {}, close: () => {} })

const later = (run: () => unknown): void => void Promise.resolve().then(run)

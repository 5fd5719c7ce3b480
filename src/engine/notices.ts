/** What one part publishes to every page that listens. */
export interface Notices<Message> {
  publish(message: Message): void
  /** returns the way to stop */
  subscribe(listener: (message: Message) => void): () => void
}

export const createNotices = <Message>(): Notices<Message> => {
  const listeners = new Set<(message: Message) => void>()
  return {
    publish: (message) => {
      for (const listener of listeners) listener(message)
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

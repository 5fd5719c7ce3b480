import { isMessage, type Port } from '../port.ts'

/** Electron's MessagePortMain, and `process.parentPort` (which neither starts nor closes). */
export interface EventPort {
  postMessage(value: unknown): void
  on(event: 'message', listener: (event: { data: unknown }) => void): unknown
  on(event: 'close', listener: () => void): unknown
  start?(): void
  close?(): void
}

/** A port over Electron's message ports; they copy everything and take no buffers to transfer. */
export const emitterPort = (port: EventPort): Port => ({
  send: (message) => port.postMessage(message),
  onMessage: (listener) => {
    port.on('message', ({ data }) => {
      if (isMessage(data)) listener(data)
    })
    port.start?.()
  },
  onClose: (listener) => void port.on('close', listener),
  close: () => port.close?.(),
})

/** A forked Node process as its parent sees it, or `process` in the child; `serialization: 'advanced'` carries typed arrays. */
export interface Channel {
  readonly connected?: boolean
  send?(value: unknown, callback: (error: Error | null) => void): boolean
  on(event: 'message', listener: (value: unknown) => void): unknown
  on(event: 'disconnect', listener: () => void): unknown
  disconnect?(): void
}

/** A port over a fork's message channel. It closes when the channel does, which the death of either process brings about. */
export const channelPort = (channel: Channel): Port => ({
  send: (message) => {
    // a channel that closes meanwhile reports it here and as `disconnect`, where it is handled
    if (channel.connected) channel.send?.(message, () => {})
  },
  onMessage: (listener) => {
    channel.on('message', (value) => {
      if (isMessage(value)) listener(value)
    })
  },
  onClose: (listener) => void channel.on('disconnect', listener),
  close: () => {
    if (channel.connected) channel.disconnect?.()
  },
})

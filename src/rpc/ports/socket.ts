import { decodeFrame, encodeFrame } from '../frame.ts'
import type { Message, Port } from '../port.ts'

/** As much of a WebSocket as is used: the browser's own and `ws` both fit. */
export interface Socket {
  binaryType: string
  readonly readyState: number
  send(bytes: Uint8Array<ArrayBuffer>): void
  close(code?: number, reason?: string): void
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void
  addEventListener(type: 'open' | 'close' | 'error', listener: () => void): void
}

const opening = 0
const open = 1
/** private-use close code: the peer sent something that is no frame of ours */
const malformed = 4400

/** A port over a WebSocket: one binary frame per message, those sent before it opens kept until it does. */
export const socketPort = (socket: Socket): Port => {
  socket.binaryType = 'arraybuffer'
  const waiting: Uint8Array<ArrayBuffer>[] = []
  socket.addEventListener('open', () => {
    for (const frame of waiting.splice(0)) socket.send(frame)
  })
  // a close event follows every error
  socket.addEventListener('error', () => {})
  return {
    send: (message) => {
      if (socket.readyState === open) socket.send(encodeFrame(message))
      else if (socket.readyState === opening) waiting.push(encodeFrame(message))
    },
    onMessage: (listener) => {
      socket.addEventListener('message', ({ data }) => {
        const message = decode(data)
        if (message) listener(message)
        else socket.close(malformed, 'malformed frame')
      })
    },
    onClose: (listener) => {
      if (socket.readyState > open) setTimeout(listener, 0)
      else socket.addEventListener('close', listener)
    },
    close: () => socket.close(),
  }
}

const decode = (data: unknown): Message | undefined => {
  try {
    return data instanceof ArrayBuffer ? decodeFrame(new Uint8Array(data)) : undefined
  } catch {
    return undefined
  }
}

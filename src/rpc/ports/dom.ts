import { isMessage, type Port } from '../port.ts'

/** As much of a browser's MessagePort as is used; `close` events exist in Chromium since 122. */
export interface DomPort {
  postMessage(value: unknown): void
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void
  addEventListener(type: 'close', listener: () => void): void
  start(): void
  close(): void
}

/** A port over a DOM MessagePort. Nothing is transferred: a buffer in the list is lost where the other end is Electron's. */
export const domPort = (port: DomPort): Port => {
  let closed = (): void => {}
  return {
    send: (message) => port.postMessage(message),
    onMessage: (listener) => {
      port.addEventListener('message', ({ data }) => {
        if (isMessage(data)) listener(data)
      })
      port.start()
    },
    onClose: (listener) => {
      closed = once(listener)
      port.addEventListener('close', closed)
    },
    // a port that closes itself hears no event
    close: () => {
      port.close()
      closed()
    },
  }
}

const once = (run: () => void): (() => void) => {
  let done = false
  return () => {
    if (done) return
    done = true
    run()
  }
}

import type { Client, Contract } from '../contract/contract.ts'
import { EngineError, fromWire } from '../contract/errors.ts'
import type { Port } from './port.ts'

interface Pending {
  resolve(value: unknown): void
  reject(error: EngineError): void
  part(value: unknown): void
}

interface Options {
  signal?: AbortSignal
  onPart?: (value: unknown) => void
}

/**
 * A contract's operations as functions over `port`. Aborting a call rejects it with `cancelled` and tells the other side; when
 * the port closes, every call in flight and every later one rejects with `engine-gone`.
 */
export const connect = <C extends Contract>(contract: C, port: Port): Client<C> => {
  const calls = new Map<number, Pending>()
  const listeners = new Map<number, (message: unknown) => void>()
  let nextId = 0
  let closed = false

  port.onMessage((message) => {
    if (message.kind === 'part') (calls.get(message.id)?.part ?? listeners.get(message.id))?.(message.value)
    else if (message.kind === 'done') calls.get(message.id)?.resolve(message.value)
    else if (message.kind === 'fail') calls.get(message.id)?.reject(fromWire(message.error))
  })
  port.onClose(() => {
    closed = true
    for (const call of [...calls.values()]) call.reject(gone())
  })

  const call = (operation: string, input: unknown, { signal, onPart }: Options = {}): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (closed) return reject(gone())
      if (signal?.aborted) return reject(cancelled())
      const id = nextId++
      const abort = (): void => {
        port.send({ kind: 'cancel', id })
        calls.get(id)?.reject(cancelled())
      }
      const settle = (): void => {
        calls.delete(id)
        signal?.removeEventListener('abort', abort)
      }
      calls.set(id, {
        resolve: (value) => (settle(), resolve(value)),
        reject: (error) => (settle(), reject(error)),
        part: (value) => onPart?.(value),
      })
      signal?.addEventListener('abort', abort, { once: true })
      try {
        port.send({ kind: 'call', id, operation, input })
      } catch (error) {
        // the input is nothing that a port can carry
        settle()
        throw error
      }
    })

  const listen = (operation: string, listener: (message: unknown) => void): (() => void) => {
    const id = nextId++
    listeners.set(id, listener)
    port.send({ kind: 'listen', id, operation })
    return () => {
      if (listeners.delete(id)) port.send({ kind: 'unlisten', id })
    }
  }

  const entries = Object.entries(contract).map(([name, { kind }]) => [
    name,
    kind === 'topic'
      ? (listener: (message: unknown) => void) => listen(name, listener)
      : (input: unknown, options?: Options) => call(name, input, options),
  ])
  return Object.fromEntries(entries) as Client<C>
}

const cancelled = (): EngineError => new EngineError('cancelled', 'cancelled')
const gone = (): EngineError =>
  new EngineError('engine-gone', 'the connection to the engine was lost; reload the page or start Otoscope again')

import type { Contract, Handlers, Operation } from '../contract/contract.ts'
import { EngineError, toWire, type WireError } from '../contract/errors.ts'
import { coalesce } from './coalesce.ts'
import { ownBuffers } from './own-buffers.ts'
import { isMessage, type Message, type Port } from './port.ts'

/** Parts of a stream are notices: at most this often, the newest wins, the last always arrives. */
const partMilliseconds = 50
const messageLimit = 300

export interface ServeOptions {
  /** hears what is no `EngineError`: bugs of ours, whose stack stays on this side */
  onError?: (error: unknown, operation: string) => void
}

type Handler = (input: unknown, context: { signal: AbortSignal; part: (value: unknown) => void }) => unknown
type Subscribe = (publish: (message: unknown) => void) => () => void

/**
 * Answers a contract's calls that arrive at `port`. Inputs are parsed (`bad-input` names the field), outputs are trusted. Every call
 * has an AbortSignal, which fires on cancel and when the port closes; topics are unsubscribed then.
 */
export const serve = <C extends Contract>(
  contract: C,
  handlers: Handlers<C>,
  port: Port,
  options: ServeOptions = {},
): void => {
  const calls = new Map<number, AbortController>()
  const topics = new Map<number, () => void>()
  const reply = (message: Message): void => port.send(message)

  const call = async (id: number, name: string, input: unknown): Promise<void> => {
    const controller = new AbortController()
    calls.set(id, controller)
    const parts = coalesce((value) => reply({ kind: 'part', id, value: ownBuffers(value) }), partMilliseconds)
    try {
      const operation = operationOf(contract, name, 'call')
      const handler = handlers[name] as Handler
      const context = { signal: controller.signal, part: parts.push }
      const value = await handler(parseInput(operation, input), context)
      parts.flush()
      reply({ kind: 'done', id, value: ownBuffers(value) })
    } catch (error) {
      parts.flush()
      reply({ kind: 'fail', id, error: failure(error, controller.signal, name) })
    } finally {
      calls.delete(id)
    }
  }

  const failure = (error: unknown, signal: AbortSignal, name: string): WireError => {
    if (signal.aborted) return { code: 'cancelled', message: 'cancelled', detail: {} }
    const wire = toWire(error)
    if (wire.code !== 'internal') return wire
    options.onError?.(error, name)
    return { ...wire, message: firstLine(wire.message) }
  }

  const listen = (id: number, name: string): void => {
    try {
      operationOf(contract, name, 'listen')
      const subscribe = handlers[name] as Subscribe
      topics.set(
        id,
        subscribe((value) => reply({ kind: 'part', id, value: ownBuffers(value) })),
      )
    } catch (error) {
      reply({ kind: 'fail', id, error: failure(error, new AbortController().signal, name) })
    }
  }

  const unlisten = (id: number): void => {
    topics.get(id)?.()
    topics.delete(id)
  }

  port.onMessage((message) => {
    if (!isMessage(message) || ((message.kind === 'call' || message.kind === 'listen') && inUse(message.id))) return
    if (message.kind === 'call') void call(message.id, message.operation, message.input)
    else if (message.kind === 'cancel') calls.get(message.id)?.abort(new EngineError('cancelled', 'cancelled'))
    else if (message.kind === 'listen') listen(message.id, message.operation)
    else if (message.kind === 'unlisten') unlisten(message.id)
  })
  const inUse = (id: number): boolean => calls.has(id) || topics.has(id)

  port.onClose(() => {
    for (const controller of calls.values()) controller.abort(new EngineError('cancelled', 'the caller went away'))
    for (const id of [...topics.keys()]) unlisten(id)
  })
}

const operationOf = (contract: Contract, name: string, verb: 'call' | 'listen'): Operation => {
  const operation = Object.hasOwn(contract, name) ? contract[name] : undefined
  if (!operation) throw new EngineError('bad-input', `unknown operation: ${firstLine(name)}`)
  if ((operation.kind === 'topic') !== (verb === 'listen'))
    throw new EngineError('bad-input', `${name} is a ${operation.kind}: it cannot be ${verb}ed`)
  return operation
}

const parseInput = (operation: Operation, input: unknown): unknown => {
  if (operation.kind === 'topic') return undefined
  const parsed = operation.input.safeParse(input)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const field = issue?.path.join('.') || 'input'
  throw new EngineError('bad-input', `${field}: ${issue?.message ?? 'invalid'}`, { field })
}

const firstLine = (text: string): string => (text.split('\n')[0] ?? '').slice(0, messageLimit)

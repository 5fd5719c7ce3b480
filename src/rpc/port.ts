import type { WireError } from '../contract/errors.ts'

/**
 * What crosses a port. `id` is chosen by the caller and names one call or subscription until it is done; a topic's messages
 * travel as parts.
 */
export type Message =
  | { kind: 'call'; id: number; operation: string; input: unknown }
  | { kind: 'cancel'; id: number }
  | { kind: 'listen'; id: number; operation: string }
  | { kind: 'unlisten'; id: number }
  | { kind: 'part'; id: number; value: unknown }
  | { kind: 'done'; id: number; value: unknown }
  | { kind: 'fail'; id: number; error: WireError }

/**
 * Two ends of one connection. Messages arrive in order; one sent after the end closed is dropped. `onMessage` and `onClose`
 * are each called once, right after the port is made; a port that is closed already calls `onClose`'s listener soon.
 */
export interface Port {
  send(message: Message): void
  onMessage(listener: (message: Message) => void): void
  onClose(listener: () => void): void
  close(): void
}

const kinds: readonly string[] = [
  'call',
  'cancel',
  'listen',
  'unlisten',
  'part',
  'done',
  'fail',
] satisfies Message['kind'][]

/** Whether something that arrived from outside has the form of a message; its payload is for the receiver to judge. */
export const isMessage = (value: unknown): value is Message => {
  if (typeof value !== 'object' || value === null) return false
  const { kind, id, operation } = value as Record<string, unknown>
  if (typeof kind !== 'string' || !kinds.includes(kind) || typeof id !== 'number') return false
  return (kind !== 'call' && kind !== 'listen') || typeof operation === 'string'
}

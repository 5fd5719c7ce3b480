import type { z } from 'zod'

/** One operation of a contract: its input schema, and by type the parts it streams and the value it ends with. */
export interface Query<Input extends z.ZodType, Output> {
  kind: 'query'
  input: Input
  readonly output?: Output
}
export interface Stream<Input extends z.ZodType, Part, Output> {
  kind: 'stream'
  input: Input
  readonly part?: Part
  readonly output?: Output
}
export interface Topic<Message> {
  kind: 'topic'
  readonly message?: Message
}

/** `query<Output>()(schema)`: one answer. */
export const query =
  <Output>() =>
  <Input extends z.ZodType>(input: Input): Query<Input, Output> => ({ kind: 'query', input })

/** `stream<Part, Output>()(schema)`: notices on the way (they may be coalesced), then one answer. */
export const stream =
  <Part, Output>() =>
  <Input extends z.ZodType>(input: Input): Stream<Input, Part, Output> => ({ kind: 'stream', input })

/** `topic<Message>()`: published by the serving side until unsubscribed. */
export const topic = <Message>(): Topic<Message> => ({ kind: 'topic' })

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the widest member of each operation type
export type Operation = Query<any, any> | Stream<any, any, any> | Topic<any>
export type Contract = Record<string, Operation>

export interface CallOptions {
  signal?: AbortSignal
}

/** What a caller sees: a function per operation, typed by the table alone. */
export type Client<C extends Contract> = {
  [K in keyof C]: C[K] extends Query<infer I, infer O>
    ? (input: z.input<I>, options?: CallOptions) => Promise<O>
    : C[K] extends Stream<infer I, infer P, infer O>
      ? (input: z.input<I>, options?: CallOptions & { onPart?: (part: P) => void }) => Promise<O>
      : C[K] extends Topic<infer M>
        ? (listener: (message: M) => void) => () => void
        : never
}

/** What a server supplies: the same functions with a parsed input and a signal; a topic is subscribed with a publisher. */
export type Handlers<C extends Contract> = {
  [K in keyof C]: C[K] extends Query<infer I, infer O>
    ? (input: z.output<I>, context: { signal: AbortSignal }) => Promise<O> | O
    : C[K] extends Stream<infer I, infer P, infer O>
      ? (input: z.output<I>, context: { signal: AbortSignal; part: (part: P) => void }) => Promise<O> | O
      : C[K] extends Topic<infer M>
        ? (publish: (message: M) => void) => () => void
        : never
}

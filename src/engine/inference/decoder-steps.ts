import { EngineError } from '../../contract/errors.ts'
import type { Feed, Session, Values } from './session.ts'

/** Whisper's decoder over one encoded clip. Graph inputs and outputs have the names Optimum and transformers.js agree on. */
export interface DecoderSteps {
  /** scores [vocabulary] after the sequence; a fresh array. With a cache, each call must add exactly one token to the last. */
  next(ids: readonly number[]): Promise<Float32Array>
  /** one pass over the whole sequence: `fetches` and `logits` [1, token, …] */
  all(ids: readonly number[], fetches: string[]): Promise<Record<string, Values>>
}

/** `encoded` is the encoder's last hidden state [1, step, width]; `withPast` the cached decoder where the model has a usable one. */
export const decoderSteps = (encoded: Values, plain: Session, withPast: Session | null): DecoderSteps => {
  const cached = withPast && fits(plain, withPast) ? withPast : null
  const present = cached ? plain.outputs.map((output) => output.name).filter((name) => name.startsWith('present')) : []
  let past: Record<string, Feed> | null = null

  const all = (ids: readonly number[], fetches: string[]): Promise<Record<string, Values>> =>
    plain.run(decoderFeeds(plain.inputs, ids, 0, encoded), ['logits', ...fetches])

  const remember = (results: Record<string, Values>): void => {
    const entries = Object.entries(results).filter(([name]) => name.startsWith('present'))
    past = { ...past, ...Object.fromEntries(entries.map(([name, value]) => [pastName(name), value])) }
  }

  return {
    all,
    next: async (ids) => {
      const results =
        cached && past
          ? await cached.run(
              { ...decoderFeeds(cached.inputs, ids.slice(-1), ids.length - 1, encoded), ...past },
              grown(cached),
            )
          : await all(ids, present)
      if (cached) remember(results)
      return lastRow(results['logits'])
    },
  }
}

/** What a cached step adds to. The encoder's keys and values stay: a merged decoder gives empty ones in their place. */
const grown = ({ outputs }: Session): string[] =>
  outputs.map(({ name }) => name).filter((name) => !/^present.*\.encoder\./.test(name))

const pastName = (present: string): string => present.replace(/^present/, 'past_key_values')

/** Whether the plain decoder gives every key and value the cached one takes. */
const fits = (plain: Session, withPast: Session): boolean => {
  const given = new Set(plain.outputs.map((output) => pastName(output.name)))
  return withPast.inputs.every(({ name }) => given.has(name) || name in sources)
}

type Source = (ids: readonly number[], done: number, encoded: Values) => Feed

const int64 = (shape: number[], value: (i: number) => bigint): Feed => {
  const count = shape.reduce((a, b) => a * b, 1)
  return { dtype: 'int64', shape, data: BigInt64Array.from({ length: count }, (_, i) => value(i)) }
}

/** What each input of a decoder is fed; `done` tokens lie in the cache. */
const sources: Record<string, Source> = {
  input_ids: (ids) => int64([1, ids.length], (i) => BigInt(ids[i] ?? 0)),
  encoder_hidden_states: (_ids, _done, encoded) => encoded,
  encoder_attention_mask: (_ids, _done, encoded) => int64([1, encoded.shape[1] ?? 0], () => 1n),
  decoder_attention_mask: (ids, done) => int64([1, done + ids.length], () => 1n),
  cache_position: (ids, done) => int64([ids.length], (i) => BigInt(done + i)),
}

/** What the inputs of a decoder are fed but the cache: the tokens `ids`, of which `done` lie in it. Throws `bad-model`. */
export const decoderFeeds = (
  inputs: readonly { name: string }[],
  ids: readonly number[],
  done: number,
  encoded: Values,
): Record<string, Feed> => {
  const fed: Record<string, Feed> = {}
  for (const { name } of inputs) {
    const source = sources[name]
    if (source) fed[name] = source(ids, done, encoded)
    else if (!name.startsWith('past_key_values'))
      throw new EngineError('bad-model', `the decoder wants an input that Otoscope does not know: ${name}`)
  }
  return fed
}

const lastRow = (logits: Values | undefined): Float32Array => {
  const vocabulary = logits?.shape.at(-1)
  if (!logits || !vocabulary) throw new EngineError('bad-model', 'the decoder has no output named logits')
  return logits.data.slice(-vocabulary)
}

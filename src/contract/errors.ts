/** Errors that cross a boundary: one sentence that says what happened and what to do, and a code from a closed set. */

export const errorCodes = [
  'bad-input', // a call's input does not fit its schema or names something that is not there
  'not-found', // a file, recording, model, run, tap or layer that does not exist
  'bad-recording', // a file that cannot be decoded, or is not audio
  'bad-model', // a folder or graph that is no model we can open
  'bad-region', // a region outside the recording, too short or too long for the model
  'no-decoder', // ffmpeg is needed and not there
  'no-provider', // the execution provider asked for is not compiled in or does not start
  'not-finite', // NaN or infinite samples or results
  'cannot-write', // an output that cannot be written
  'no-space', // a disk, or a cache, without room for what is to be written
  'no-memory', // a model or run larger than the memory it may use
  'no-network', // the hub cannot be reached, or this machine is told to stay offline
  'not-allowed', // the hub wants a token, or a licence accepted, first
  'bad-download', // what came is not what was promised: wrong bytes or length
  'cancelled', // the person or the caller ended it; never shown as a failure
  'engine-gone', // the other end of a port went away with calls in flight
  'inference-gone', // the inference process died or was killed
  'internal', // a bug of ours
] as const
export type ErrorCode = (typeof errorCodes)[number]

export class EngineError extends Error {
  readonly code: ErrorCode
  readonly detail: Record<string, unknown>
  constructor(code: ErrorCode, message: string, detail: Record<string, unknown> = {}) {
    super(message)
    this.name = 'EngineError'
    this.code = code
    this.detail = detail
  }
}

/** What was thrown, as text: JavaScript throws more than errors. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

export interface WireError {
  code: ErrorCode
  message: string
  detail: Record<string, unknown>
}

/** An `EngineError` as plain data; anything else becomes `internal` with its message. */
export const toWire = (error: unknown): WireError => {
  if (error instanceof EngineError) return { code: error.code, message: error.message, detail: error.detail }
  if (error instanceof Error && error.name === 'AbortError')
    return { code: 'cancelled', message: 'cancelled', detail: {} }
  return { code: 'internal', message: messageOf(error), detail: {} }
}

export const fromWire = (wire: WireError): EngineError => new EngineError(wire.code, wire.message, wire.detail)

export const isCancelled = (error: unknown): boolean =>
  (error instanceof EngineError && error.code === 'cancelled') ||
  (error instanceof Error && error.name === 'AbortError')

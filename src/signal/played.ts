import { mono } from './mono.ts'

/** What loudspeakers are given: one channel or two as they are, the mean of more, as the models hear them. */
export const playedChannels = (channels: Float32Array[]): Float32Array[] =>
  channels.length <= 2 ? channels : [mono(channels)]

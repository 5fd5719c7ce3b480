/**
 * Sound that comes in blocks, made faster or slower: output frame n is what lies at input frame n × speed, and what comes out is 1 ÷ speed
 * times as long. How the input is cut into blocks changes nothing.
 */
export interface SpeedChange {
  /** one array per channel, of equal length; answers what is complete, which may be nothing */
  push(block: Float32Array[]): Float32Array[]
  /** the rest, as if silence followed */
  end(): Float32Array[]
}

/** A stretch of sound to which frames are added at its end and taken at its start; `offset` is the number of the first that is kept. */
export class Held {
  offset: number
  channels: Float32Array[]

  constructor(channels: number, offset = 0, frames = 0) {
    this.offset = offset
    this.channels = Array.from({ length: channels }, () => new Float32Array(frames))
  }

  get end(): number {
    return this.offset + (this.channels[0]?.length ?? 0)
  }

  /** Keeps frames from `from` on, and adds `block`. */
  move(from: number, block: Float32Array[]): void {
    const dropped = Math.max(0, Math.min(from, this.end) - this.offset)
    this.channels = this.channels.map((samples, channel) => {
      const added = block[channel] ?? new Float32Array(0)
      const joined = new Float32Array(samples.length - dropped + added.length)
      joined.set(samples.subarray(dropped))
      joined.set(added, samples.length - dropped)
      return joined
    })
    this.offset += dropped
  }
}

import { framesNeeded, resampleRange } from './resample.ts'
import { Held, type SpeedChange } from './speed-change.ts'

/** As a tape that runs faster or slower: pitch goes with speed, by the resampler that clips are made with. Speed in hundredths. */
export const createVarispeed = (channels: number, speed: number): SpeedChange => {
  const [from, to] = [Math.round(speed * 100), 100]
  const held = new Held(channels)
  let done = 0
  /** output frames up to `end` */
  const answer = (end: number): Float32Array[] => {
    const made = held.channels.map((samples) =>
      end > done ? resampleRange(samples, held.offset, from, to, [done, end]) : new Float32Array(0),
    )
    done = Math.max(done, end)
    return made
  }
  return {
    push: (block) => {
      held.move(framesNeeded([done, done + 1], from, to)[0], block)
      let end = Math.floor(held.end / speed)
      while (end > done && framesNeeded([done, end], from, to)[1] > held.end) end--
      return answer(end)
    },
    end: () => answer(Math.round(held.end / speed)),
  }
}

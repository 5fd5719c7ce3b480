import { Option, type Command } from 'commander'
import { EngineError } from '../contract/errors.ts'
import type { Mapping } from '../contract/mapping.ts'
import { soundInputs, type SoundInput } from '../contract/model.ts'
import { parsePositive, parseSeconds } from './arguments.ts'

/** What is said of a model of no known family as it is imported. */
export interface MappingOptions {
  input?: SoundInput
  rate?: number
  normalise?: boolean
  heads?: number
  seconds?: number
}

export const withMappingOptions = (command: Command): Command =>
  command
    .addOption(
      new Option('--input <input>', 'what a model of no known family hears: the rest is read from its graph').choices(
        soundInputs,
      ),
    )
    .option('--rate <hertz>', 'with --input: samples per second; preprocessor_config.json’s, else 16000', parsePositive)
    .option('--normalise', 'with --input: a waveform or filter bank is normalised, as preprocessor_config.json may say')
    .option('--no-normalise', 'with --input: it is not')
    .option('--heads <n>', 'with --input: attention heads, where neither graph nor config.json says', parsePositive)
    .option('--seconds <s>', 'with --input: how long a sound is heard, where the graph leaves it open', parseSeconds)

/** Undefined without --input. Throws `bad-input` for what only means something with it. */
export const mappingOf = ({ input, rate, normalise, heads, seconds }: MappingOptions): Mapping | undefined => {
  const given = Object.entries({ rate, normalise, heads, seconds }).filter(([, value]) => value !== undefined)
  if (input) return { input, ...Object.fromEntries(given) }
  const [first] = given
  if (first) throw new EngineError('bad-input', `--${first[0]} says something of a mapped input: add --input`)
  return undefined
}

import { InvalidArgumentError, type Command } from 'commander'
import { parsePositive, parseTokens } from './arguments.ts'

/** Options that only a decoder reads. */
export const withDecoderOptions = (command: Command): Command =>
  command
    .option('--language <code>', 'Whisper: the language spoken, or auto', 'auto')
    .option('--task <task>', 'Whisper: transcribe or translate', parseTask, 'transcribe')
    .option('--max-tokens <n>', 'Whisper, Moonshine: the most tokens to generate', parsePositive)
    .option('--tokens <ids>', 'Whisper, Moonshine: the whole decoder sequence, used instead of generating', parseTokens)

const parseTask = (text: string): 'transcribe' | 'translate' => {
  if (text === 'transcribe' || text === 'translate') return text
  throw new InvalidArgumentError('a task is transcribe or translate.')
}

import { InvalidArgumentError, type Command } from 'commander'
import { readRawText, type RawFormat } from '../contract/raw-format.ts'

/** How recordings without a header are read. */
export interface RawOption {
  raw?: RawFormat
}

export const withRawOption = (command: Command): Command =>
  command.option(
    '--raw <format:rate:channels[:skip]>',
    'recordings have no header and are read like this, such as s16le:48000:2; skip: bytes at the beginning',
    parseRaw,
  )

const parseRaw = (text: string): RawFormat => {
  const read = readRawText(text)
  if (typeof read === 'string') throw new InvalidArgumentError(`${read}, such as s16le:48000:2 or f32le:16000:1:44.`)
  return read
}

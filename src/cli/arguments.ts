import { InvalidArgumentError } from 'commander'
import { devices, type DeviceId } from '../contract/run.ts'
import type { Range } from '../contract/tensor.ts'
import { parseBytes } from '../engine/settings/parse-bytes.ts'

/** What a command line's words mean. Each throws commander's InvalidArgumentError: wrong usage, exit code 2. */

/** `a:b` in decimal seconds, half-open. */
export const parseRegion = (text: string): Range => {
  const match = /^(\d+(?:\.\d+)?|\.\d+):(\d+(?:\.\d+)?|\.\d+)$/.exec(text)
  const [start, end] = [Number(match?.[1]), Number(match?.[2])]
  if (!match || !(start < end))
    throw new InvalidArgumentError('a region is start:end in seconds, the end after the start, such as 0:5 or 2.5:7.')
  return [start, end]
}

/** `a:b` in steps, half-open. */
export const parseSteps = (text: string): Range => {
  const match = /^(\d+):(\d+)$/.exec(text)
  const [start, end] = [Number(match?.[1]), Number(match?.[2])]
  if (!match || !(start < end))
    throw new InvalidArgumentError('a range is start:end in steps, the end after the start, such as 0:200.')
  return [start, end]
}

export const parseHeads = (text: string): number[] | 'mean' =>
  text === 'mean' ? text : [...new Set(parseNumbers('heads are mean or numbers from 0 on, such as 0,5.')(text))]

/** Token ids. */
/** One of a recording's channels; undefined for the mean of all. */
export const parseChannel = (text: string): number | undefined => {
  if (text === 'mix') return undefined
  const number = ['left', 'right'].indexOf(text)
  if (number >= 0) return number
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('a channel is mix, left, right, or a number from 0 on.')
}

export const parseTokens = (text: string): number[] =>
  parseNumbers('tokens are ids separated by commas, such as 50258,50259.')(text)

const parseNumbers =
  (sentence: string) =>
  (text: string): number[] => {
    if (!/^\d+(,\d+)*$/.test(text)) throw new InvalidArgumentError(sentence)
    return text.split(',').map(Number)
  }

export const parseList = (text: string): string[] => {
  const words = text.split(',').map((word) => word.trim())
  if (words.some((word) => word === '')) throw new InvalidArgumentError('a list is words separated by commas.')
  return [...new Set(words)]
}

export const parsePath = (text: string): string => {
  if (text === '') throw new InvalidArgumentError('a path is wanted.')
  return text
}

export const parsePositive = (text: string): number => {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < 1) throw new InvalidArgumentError('a whole number from 1 on is wanted.')
  return value
}

export const parseSeconds = (text: string): number => {
  const value = Number(text)
  if (!/^\d*\.?\d+$/.test(text) || value <= 0)
    throw new InvalidArgumentError('seconds are a number above 0, such as 5 or 2.5.')
  return value
}

/** Bytes. */
export const parseSize = (text: string): number => {
  const bytes = parseBytes(text)
  if (bytes === null)
    throw new InvalidArgumentError('a size is bytes, or a number with its unit, such as 800MB or 2GB.')
  return bytes
}

export const parsePort = (text: string): number => {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value > 65_535) throw new InvalidArgumentError('a port is a number from 0 to 65535.')
  return value
}

export const parseDevice = (text: string): DeviceId => {
  const device = devices.find((known) => known === text)
  if (!device) throw new InvalidArgumentError(`a device is one of ${devices.join(', ')}.`)
  return device
}

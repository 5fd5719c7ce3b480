import { expect, test } from 'vitest'
import {
  parseDevice,
  parseHeads,
  parseList,
  parsePort,
  parsePositive,
  parseRegion,
  parseSteps,
  parseTokens,
} from '../../src/cli/arguments.ts'

test('a region is two decimal numbers of seconds, the end after the start', () => {
  expect(parseRegion('0:5')).toEqual([0, 5])
  expect(parseRegion('2.5:7.25')).toEqual([2.5, 7.25])
  expect(parseRegion('.5:1')).toEqual([0.5, 1])
  for (const wrong of ['', '5', '5:5', '7:5', '-1:5', '0:', ':5', '1e0:5', '0:Infinity', '0:5:6', 'a:b', '0,5:1'])
    expect(() => parseRegion(wrong)).toThrow('a region is start:end')
})

test('steps are whole numbers, the end after the start', () => {
  expect(parseSteps('0:200')).toEqual([0, 200])
  for (const wrong of ['0:0', '5:1', '0.5:2', 'all', '-1:2']) expect(() => parseSteps(wrong)).toThrow('a range is')
})

test('heads are mean or numbers, each once', () => {
  expect(parseHeads('mean')).toBe('mean')
  expect(parseHeads('5,0,5')).toEqual([5, 0])
  for (const wrong of ['', 'max', '0,', '-1', '1.5', '0, 1']) expect(() => parseHeads(wrong)).toThrow('heads are')
})

test('tokens keep their order and repetitions', () => {
  expect(parseTokens('50258,50259,50258')).toEqual([50258, 50259, 50258])
  expect(() => parseTokens('a')).toThrow('tokens are ids')
})

test('lists, counts, ports and devices are checked', () => {
  expect(parseList('a, b,a')).toEqual(['a', 'b'])
  expect(() => parseList('a,,b')).toThrow('a list is')
  expect(parsePositive('3')).toBe(3)
  for (const wrong of ['0', '-1', '1.5', 'x']) expect(() => parsePositive(wrong)).toThrow('whole number')
  expect(parsePort('0')).toBe(0)
  for (const wrong of ['65536', '-1', 'http']) expect(() => parsePort(wrong)).toThrow('a port is')
  expect(parseDevice('cuda')).toBe('cuda')
  expect(() => parseDevice('tpu')).toThrow('a device is one of auto')
})

import type { TokenCard } from '../../../contract/run.ts'
import { reading } from '../../format.ts'

/** spaces at the edges matter to a tokenizer, so they are made visible */
export const visibleText = (text: string): string =>
  text.trim() === '' ? text.replaceAll(' ', '␣') || '∅' : text.replace(/^ /, '␣')

export const tokenTitle = (token: TokenCard, i: number): string =>
  `token ${i}, id ${token.id}, ${token.probability === null ? 'forced' : `probability ${reading(token.probability)}`}`

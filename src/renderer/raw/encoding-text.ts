import { rawEncodings, type RawEncoding } from '../../contract/raw-format.ts'

const kinds: Record<string, string> = { s: 'signed', u: 'unsigned', f: 'float' }

/** "16 bits, signed, little-endian" */
export const encodingText = (encoding: RawEncoding): string => {
  if (encoding === 'mulaw') return 'µ-law, 8 bits'
  if (encoding === 'alaw') return 'A-law, 8 bits'
  const [, kind = '', bits, order] = /^(.)(\d+)(.*)$/.exec(encoding) ?? []
  const words = [`${bits} bits`, kinds[kind]]
  return [...words, ...(order ? [order === 'le' ? 'little-endian' : 'big-endian'] : [])].join(', ')
}

export const encodings = rawEncodings.map((encoding) => ({ encoding, text: encodingText(encoding) }))

/**
 * Text from files and models, made fit to stand in a picture: one line, nothing that XML forbids, nothing that turns the
 * reading direction of what follows. Markup is left as it is: the renderers write it as text.
 */
export const plainText = (text: string): string =>
  text
    .toWellFormed()
    .replace(/\r\n|[\r\n\u2028\u2029\u0085]/g, '↵')
    .replace(/\t/g, '→')
    // eslint-disable-next-line no-control-regex -- exactly these are what must not pass
    .replace(/[\u0000-\u001f\u007f-\u009f\ufffe\uffff]/g, '\ufffd')
    .replace(/[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff]/g, '')

/** A token's text: like `plainText`, with spaces at its ends made visible. */
export const tokenText = (text: string): string =>
  plainText(text)
    .replace(/^ +/, (spaces) => '␣'.repeat(spaces.length))
    .replace(/(?<=[^␣]) +$/, (spaces) => '␣'.repeat(spaces.length)) || '(empty)'

/** Advances of DejaVu Sans in em, by kind of letter and rounded up, so that a fitted text does not run over. */
const advances: [RegExp, number][] = [
  [/[ijl|.,:;'’·!()[\]/ -]/, 0.4],
  [/[a-z]/, 0.6],
  [/[0-9<>]/, 0.66],
  [/[mwMW@%—]/, 0.99],
  [/[\u2e80-\u{3ffff}]/u, 1.05],
]
const otherAdvance = 0.72
/** Bold letters are this much wider. */
export const boldness = 1.12

export const textWidth = (text: string, fontSize: number): number => {
  let width = 0
  for (const character of text)
    width += (advances.find(([kind]) => kind.test(character))?.[1] ?? otherAdvance) * fontSize
  return width
}

/** `text` with its middle left out where it would be wider than `pixels`. */
export const fitText = (text: string, pixels: number, fontSize: number): string => {
  if (textWidth(text, fontSize) <= pixels) return text
  const characters = [...text]
  for (let kept = characters.length - 1; kept > 2; kept--) {
    const head = characters.slice(0, Math.ceil(kept / 2)).join('')
    const tail = characters.slice(characters.length - Math.floor(kept / 2)).join('')
    if (textWidth(`${head}…${tail}`, fontSize) <= pixels) return `${head}…${tail}`
  }
  return '…'
}

/** Lines of at most `pixels`, broken at spaces. */
export const wrapText = (text: string, pixels: number, fontSize: number): string[] => {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line ? `${line} ${word}` : word
    if (line && textWidth(longer, fontSize) > pixels) {
      lines.push(line)
      line = word
    } else line = longer
  }
  return [...lines, line].map((each) => fitText(each, pixels, fontSize))
}

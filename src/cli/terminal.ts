import { once } from 'node:events'

/** What is printed where: results on stdout, everything a person reads meanwhile on stderr. */

/**
 * Text that may come from a file or a model, without what a terminal would obey: control characters and marks that
 * change the writing direction.
 */
export const plain = (text: string): string =>
  text.replace(/[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '\ufffd')

/** Prints on stdout and waits until it is written. */
export const print = async (text: string): Promise<void> => {
  if (!process.stdout.write(text + '\n')) await once(process.stdout, 'drain')
}

export const printJson = (value: unknown): Promise<void> => print(JSON.stringify(value, null, 2))

export const say = (sentence: string): void => void process.stderr.write(`otoscope: ${plain(sentence)}\n`)

/** Rows as aligned columns, the first row a header. */
export const table = (rows: readonly (readonly string[])[]): string => {
  const cells = rows.map((row) => row.map(plain))
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)))
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

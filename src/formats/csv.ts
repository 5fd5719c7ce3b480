/** Comma-separated values as RFC 4180 has them: CRLF, quotes doubled. */

export type CsvField = string | number | null

/** One line, its end included. */
export const csvLine = (fields: readonly CsvField[]): string => fields.map(csvField).join(',') + '\r\n'

export const writeCsv = (header: readonly string[], rows: Iterable<readonly CsvField[]>): string => {
  let text = csvLine(header)
  for (const row of rows) text += csvLine(row)
  return text
}

/**
 * Text that a spreadsheet would take for a formula gets an apostrophe before it (OWASP, "CSV Injection"); numbers are left as
 * they are. null is an empty field.
 */
const csvField = (field: CsvField): string => {
  if (field === null) return ''
  if (typeof field === 'number') return String(field)
  const text = /^[=+\-@\t\r]/.test(field) ? `'${field}` : field
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

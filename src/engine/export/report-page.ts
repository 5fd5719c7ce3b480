import { createHash } from 'node:crypto'
import type { HeardWindow } from '../../contract/windows.ts'
import type { Figure } from '../../figures/figure.ts'
import { runNotes } from '../../figures/notes.ts'
import { overRegion } from '../../figures/over-region.ts'
import { plainText } from '../../figures/text.ts'
import { version } from '../paths.ts'
import { escapeXml } from './figure.ts'
import type { Table } from './tables.ts'

/** The report's page: one file with everything in it, no script, nothing fetched. */

export interface ReportFigure {
  figure: Figure
  svg: string
  /** paths beside the page, one per format */
  files: string[]
}

const style = `
:root { color-scheme: light dark; --page: #fff; --text: #15181c; --quiet: #525c67; --line: #d5dae0; --link: #1b57c2 }
@media (prefers-color-scheme: dark) { :root { --page: #111316; --text: #e8eaed; --quiet: #a3acb6; --line: #2b3138; --link: #8ab8ff } }
body { margin: 0 auto; max-width: 1280px; padding: 24px; background: var(--page); color: var(--text); font: 14px/1.5 'DejaVu Sans', system-ui, sans-serif }
h1 { font-size: 24px } h2 { font-size: 18px; margin-top: 40px }
a { color: var(--link) } figure { margin: 0 } figcaption, .quiet { color: var(--quiet) }
.picture { overflow-x: auto; background: #fff; border: 1px solid var(--line); border-radius: 4px }
.picture:focus-visible { outline: 2px solid var(--link) }
.picture svg { display: block; max-width: 100%; height: auto }
.table { overflow-x: auto }
table { border-collapse: collapse; font-size: 13px } caption { text-align: left; font-weight: 600; padding: 8px 0 }
th, td { border-bottom: 1px solid var(--line); padding: 4px 12px 4px 0; text-align: left; vertical-align: top }
td.number { text-align: right; font-variant-numeric: tabular-nums }
@media print { .files { display: none } }
`

/** SVG text carries its font in `style` attributes, which only 'unsafe-inline' for attributes lets through; the sheet goes by its hash. */
const policy = [
  "default-src 'none'",
  'img-src data:',
  `style-src-elem 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "style-src-attr 'unsafe-inline'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

export const reportPage = (
  rows: readonly HeardWindow[][][],
  figures: readonly ReportFigure[],
  tables: readonly Table[],
  leftOut: string[],
): string => {
  const names = (rows[0] ?? []).map(([window]) => window!.run.recording.name).join(', ')
  const title = `Otoscope report: ${plainText(names)}`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeXml(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${escapeXml(title)}</h1>
${runNotes(rows.flat().flatMap(overRegion)).map(paragraph).join('\n')}
<p class="quiet">Made by Otoscope ${escapeXml(version)}. <a href="manifest.json">manifest.json</a> has the hashes, versions and the command.</p>
${leftOut.map(paragraph).join('\n')}
${figures.map(figureSection).join('\n')}
<section aria-labelledby="tables">
<h2 id="tables">Tables</h2>
${tables.map(tableSection).join('\n')}
</section>
</main>
</body>
</html>
`
}

const paragraph = (text: string): string => `<p>${escapeXml(plainText(text))}</p>`

const figureSection = ({ figure, svg, files }: ReportFigure): string => {
  const title = escapeXml(plainText(figure.title))
  const links = files.map(
    (file) => `<a href="${escapeXml(file)}">${escapeXml(file.split('.').at(-1)!.toUpperCase())}</a>`,
  )
  return `<section aria-labelledby="${figure.name}">
<h2 id="${figure.name}">${title}</h2>
<figure>
<div class="picture" role="group" aria-label="${title}" tabindex="0">
${svg}
</div>
<figcaption class="files">${links.join(' · ')}</figcaption>
</figure>
</section>`
}

const tableSection = ({ name, title, header, rows }: Table): string => {
  const head = header.map((text) => `<th scope="col">${escapeXml(text)}</th>`).join('')
  const cell = (field: string | number | null): string =>
    typeof field === 'number'
      ? `<td class="number">${field}</td>`
      : `<td>${field === null ? '' : escapeXml(plainText(field))}</td>`
  const body = rows.map((row) => `<tr>${row.map(cell).join('')}</tr>`).join('\n')
  return `<div class="table" role="group" aria-label="${title}" tabindex="0"><table>
<caption>${title} · <a href="tables/${name}.csv">CSV</a></caption>
<thead><tr>${head}</tr></thead>
<tbody>
${body}
</tbody>
</table></div>`
}

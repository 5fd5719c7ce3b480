import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { EngineClient } from '../../contract/engine.ts'
import { figureNames, type FigureFormat, type FigureName } from '../../contract/figures.ts'
import type { Inspection } from '../../contract/model.ts'
import type { DeviceId, Run, RunOptions } from '../../contract/run.ts'
import type { Range } from '../../contract/tensor.ts'
import type { HeardWindow } from '../../contract/windows.ts'
import type { Words } from '../../contract/words.ts'
import { warningsOf } from '../../figures/notes.ts'
import { writeCsv } from '../../formats/csv.ts'
import { figureOfRuns, hasCross, needsCross, startRuns, type DrawContext } from './figure-data.ts'
import { figureSvg, renderFigure } from './figure.ts'
import { sha256, writeManifest, type Manifest, type WrittenFile } from './manifest.ts'
import { openOutput, writable } from './output.ts'
import { reportPage, type ReportFigure } from './report-page.ts'
import { runWords } from './run-words.ts'
import { reportTables } from './tables.ts'

export type ReportClient = Pick<
  EngineClient,
  | 'runs.windows'
  | 'runs.estimate'
  | 'runs.start'
  | 'runs.hidden'
  | 'runs.attention'
  | 'runs.features'
  | 'runs.words'
  | 'recordings.heardBy'
  | 'models.inspect'
>

export interface ReportRequest {
  recordings: { recording: string; region: Range }[]
  /** ids or folders, in the order of the report's rows */
  models: string[]
  /** the report's folder */
  out: string
  formats: readonly FigureFormat[]
  options: RunOptions
  device: DeviceId
  /** as typed; folders are taken out before it is written */
  command: readonly string[]
}

export interface ReportContext extends DrawContext {
  /** one sentence for the person: what was left out */
  say?: (message: string) => void
}

/**
 * Writes index.html, figures/, tables/ and manifest.json into `out`. Everything is made in a folder beside it and moved there
 * at the end, so a failure leaves nothing; of a folder that is there already only an earlier report's files are replaced.
 */
export const writeReport = async (
  client: ReportClient,
  request: ReportRequest,
  context: ReportContext,
): Promise<Manifest> => {
  const output = openOutput(request.out, 'folder')
  try {
    const rows = await startRuns(client, request, context)
    const leftOut = leftOutOf(rows)
    const runs = rows.flat(2).map(({ run }) => run)
    for (const message of [...warningsOf(runs), ...leftOut]) context.say?.(message)
    const { files, figures } = await drawAll(client, request, rows, context)
    const inspections = await inspectAll(client, request.models, context)
    const tables = reportTables(inspections, rows, await wordsOf(client, runs, context))
    for (const table of tables) files.push(textFile(`tables/${table.name}.csv`, writeCsv(table.header, table.rows)))
    files.push(textFile('index.html', reportPage(rows, figures, tables, leftOut)))
    const manifest = writeManifest(rows, files, leftOut, request.command)
    context.signal?.throwIfAborted()
    writeFiles(output.temporary, [...files, textFile('manifest.json', `${JSON.stringify(manifest, null, 2)}\n`)])
    removeEarlier(output.path, new Set(files.map((file) => file.path)))
    output.commit()
    return manifest
  } finally {
    output.discard()
  }
}

const textFile = (path: string, text: string): WrittenFile => ({ path, bytes: Buffer.from(text, 'utf8') })

const leftOutOf = (rows: readonly HeardWindow[][][]): string[] => {
  if (hasCross(rows)) return []
  const names = figureNames.filter(needsCross)
  return [`No model given has a decoder, so ${names.join(' and ')} are left out.`]
}

/** Of the runs whose decoder tells when it was said. */
const wordsOf = async (
  client: ReportClient,
  runs: Run[],
  { signal }: ReportContext,
): Promise<ReadonlyMap<string, Words>> => {
  const found = new Map<string, Words>()
  for (const run of runs) {
    const words = await runWords(client, run, signal)
    if (words) found.set(run.id, words)
  }
  return found
}

const drawAll = async (
  client: ReportClient,
  { formats }: ReportRequest,
  rows: HeardWindow[][][],
  context: ReportContext,
): Promise<{ files: WrittenFile[]; figures: ReportFigure[] }> => {
  const files: WrittenFile[] = []
  const figures: ReportFigure[] = []
  for (const name of figureNames.filter((each) => hasCross(rows) || !needsCross(each))) {
    context.signal?.throwIfAborted()
    const figure = await figureOfRuns(client, name, rows, context)
    const svg = figureSvg(figure)
    const written = await Promise.all(
      formats.map(async (format) => ({
        path: figurePath(name, format),
        bytes: await renderFigure(figure, format, svg),
      })),
    )
    files.push(...written)
    figures.push({ figure, svg, files: written.map((file) => file.path) })
  }
  return { files, figures }
}

const figurePath = (name: FigureName, format: FigureFormat): string => `figures/${name}.${format}`

const inspectAll = async (client: ReportClient, models: string[], { signal }: ReportContext): Promise<Inspection[]> => {
  const inspections: Inspection[] = []
  for (const model of models) inspections.push(await client['models.inspect']({ model }, signal ? { signal } : {}))
  return inspections
}

const writeFiles = (folder: string, files: readonly WrittenFile[]): void => {
  for (const { path, bytes } of files) {
    const target = join(folder, path)
    writable(target, () => {
      mkdirSync(dirname(target), { recursive: true })
      writeFileSync(target, bytes)
    })
  }
}

const ownFile = /^(?:figures\/[a-z-]+\.(?:svg|png|pdf)|tables\/[a-z-]+\.csv)$/

/** Figures and tables of the report that was here, as its manifest has them, unless somebody changed them since. */
const removeEarlier = (folder: string, written: ReadonlySet<string>): void => {
  const path = join(folder, 'manifest.json')
  if (!existsSync(path)) return
  for (const file of filesOf(readFileSync(path, 'utf8'))) {
    if (!ownFile.test(file.path) || written.has(file.path)) continue
    const target = join(folder, file.path)
    if (existsSync(target) && sha256(readFileSync(target)) === file.sha256) rmSync(target)
  }
}

const filesOf = (text: string): { path: string; sha256: string }[] => {
  try {
    const { files } = JSON.parse(text) as Partial<Manifest>
    return Array.isArray(files) ? files.filter((file) => typeof file?.path === 'string') : []
  } catch {
    return [] // not a manifest of ours
  }
}

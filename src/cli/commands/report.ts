import { InvalidArgumentError, type Command } from 'commander'
import { figureFormats, type FigureFormat } from '../../contract/figures.ts'
import { EngineError } from '../../contract/errors.ts'
import { defaultRegion } from '../../contract/recording.ts'
import { RunOptions } from '../../contract/run.ts'
import type { Range } from '../../contract/tensor.ts'
import type { ReportRequest } from '../../engine/export/report.ts'
import { parseList, parsePath, parseChannel, parseRegion } from '../arguments.ts'
import { sayEstimate } from '../estimates.ts'
import { createProgress } from '../progress.ts'
import { withCommonOptions, withEngine, type CommonOptions, type Session } from '../session.ts'
import { printJson, say } from '../terminal.ts'
import { withRawOption, type RawOption } from '../raw-option.ts'
import { withDecoderOptions } from '../decoder-options.ts'

interface ReportOptions extends CommonOptions, RawOption {
  out: string
  models?: string[]
  region?: Range
  channel?: number
  format: FigureFormat[]
}

export const reportCommand = (program: Command): void => {
  withCommonOptions(withRawOption(withDecoderOptions(program.command('report'))))
    .description('the five figures and three tables of recordings and models, as files')
    .argument('<recordings...>', 'audio files')
    .requiredOption('--out <folder>', 'the folder to write', parsePath)
    .option('--models <list>', 'model ids or folders separated by commas; all installed ones unless given', parseList)
    .option('--region <start:end>', 'seconds of every recording; the first 5 s unless given', parseRegion)
    .option(
      '--channel <channel>',
      'mix, left, right or a number from 0 on: what the models hear of every recording',
      parseChannel,
    )
    .option('--format <list>', 'svg, png, pdf', parseFormats, [...figureFormats])
    .action((paths: string[], options: ReportOptions) =>
      withEngine(options, (session) => report(session, paths, options)),
    )
}

const parseFormats = (text: string): FigureFormat[] =>
  parseList(text).map((word) => {
    const format = figureFormats.find((known) => known === word)
    if (!format) throw new InvalidArgumentError(`a format is one of ${figureFormats.join(', ')}.`)
    return format
  })

const report = async (session: Session, paths: string[], options: ReportOptions): Promise<void> => {
  const request = await prepare(session, paths, options)
  const { writeReport } = await import('../../engine/export/report.ts')
  const progress = createProgress('report')
  try {
    const manifest = await writeReport(session.engine.client.engine, request, {
      signal: session.signal,
      part: (part) => progress.part(part),
      say,
    })
    progress.end()
    if (options.json) await printJson(manifest)
    else say(`the report is in ${options.out}: open its index.html`)
  } finally {
    progress.end()
  }
}

/** Opens everything and checks every recording against every model, before the first of them runs. */
const prepare = async (
  { engine, signal }: Session,
  paths: string[],
  options: ReportOptions,
): Promise<ReportRequest> => {
  const { engine: client, host } = engine.client
  const installed = options.models ?? (await client['models.list']({})).map(({ id }) => id)
  if (installed.length === 0) throw new EngineError('not-found', 'there is no model: name one with --models')
  const models: string[] = []
  for (const model of installed) models.push((await host['models.open']({ model }, { signal })).id)
  const recordings: ReportRequest['recordings'] = []
  for (const path of paths) {
    const recording = await host['files.open']({ path, channel: options.channel, raw: options.raw }, { signal })
    recordings.push({ recording: recording.id, region: options.region ?? defaultRegion(recording) })
  }
  const settings = { options: RunOptions.parse(options), device: options.device }
  const wanted = models.flatMap((model) => recordings.map((chosen) => ({ ...chosen, model, ...settings })))
  await sayEstimate(client, wanted, signal)
  const command = ['otoscope', ...process.argv.slice(2)]
  return { recordings, models, out: options.out, formats: options.format, ...settings, command }
}

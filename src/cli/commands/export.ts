import { basename } from 'node:path'
import { InvalidArgumentError, type Command } from 'commander'
import { defaultRegion } from '../../contract/recording.ts'
import { RunOptions, type RunProgress } from '../../contract/run.ts'
import type { Range } from '../../contract/tensor.ts'
import { openArrayFile } from '../../engine/export/array-file.ts'
import { attentionSize, checkLimits } from '../../engine/export/attention-size.ts'
import { isInGrammar, selectTaps } from '../../engine/export/tap-names.ts'
import { exportRun } from '../../engine/export/tensors.ts'
import { openModel } from '../../engine/models/open.ts'
import { parseHeads, parseList, parsePath, parseChannel, parseRegion, parseSteps } from '../arguments.ts'
import { sayEstimate } from '../estimates.ts'
import { createProgress } from '../progress.ts'
import { withCommonOptions, withEngine, type CommonOptions, type Session } from '../session.ts'
import { printJson, say } from '../terminal.ts'
import { withRawOption, type RawOption } from '../raw-option.ts'
import { withDecoderOptions } from '../decoder-options.ts'

interface ExportOptions extends CommonOptions, RawOption {
  model: string
  out: string
  region?: Range
  channel?: number
  taps: string[]
  heads?: number[] | 'mean'
  rows?: Range
  keys?: Range
  language: string
  task: 'transcribe' | 'translate'
  maxTokens?: number
  tokens?: number[]
}

export const exportCommand = (program: Command): void => {
  withCommonOptions(withRawOption(withDecoderOptions(program.command('export'))))
    .description('run a model over a recording and write what it computed')
    .argument('<recording>', 'an audio file')
    .requiredOption('--model <model>', 'a model id or folder')
    .requiredOption('--out <path>', 'X.safetensors, X.npz, or a folder for .npy files', parsePath)
    .option('--region <start:end>', 'seconds of the recording; the first 5 s unless given', parseRegion)
    .option(
      '--channel <channel>',
      'mix, left, right or a number from 0 on: what the models hear of a recording',
      parseChannel,
    )
    .option('--taps <list>', 'tap names separated by commas, * for any characters', parseTaps, ['*'])
    .option('--heads <list>', 'heads of attention taps: numbers, or mean', parseHeads)
    .option('--rows <a:b>', 'query steps of attention taps', parseSteps)
    .option('--keys <a:b>', 'key steps of attention taps', parseSteps)
    .action((recording: string, options: ExportOptions) =>
      withEngine(options, (session) => exportRecording(session, recording, options)),
    )
}

const parseTaps = (text: string): string[] => {
  const patterns = parseList(text)
  const unknown = patterns.find((pattern) => !isInGrammar(pattern))
  if (unknown !== undefined)
    throw new InvalidArgumentError(`no tap has the name ${unknown}; names are such as encoder.hidden.* or logits.`)
  return patterns
}

const exportRecording = async ({ engine, signal }: Session, path: string, options: ExportOptions): Promise<void> => {
  const { engine: client, host } = engine.client
  const card = await host['models.open']({ model: options.model }, { signal })
  const { taps, absent } = selectTaps(card, options.taps)
  for (const pattern of absent) say(`${card.id} has no ${pattern}: it is left out`)
  const file = openArrayFile(options.out)
  const progress = createProgress(`${card.id} on ${basename(path)}`)
  try {
    const recording = await host['files.open']({ path, channel: options.channel, raw: options.raw }, { signal })
    const region = options.region ?? defaultRegion(recording)
    const settings = RunOptions.parse(options)
    const source = engine.arraySource(card.id)
    checkLimits(taps, attentionSize(openModel(source.modelFolder, card.variant), recording, region, settings), options)
    const wanted = { recording: recording.id, region, model: card.id, options: settings, device: options.device }
    await sayEstimate(client, [wanted], signal)
    const run = await client['runs.start'](wanted, {
      signal,
      onPart: (part: RunProgress) => progress.part(part),
    })
    progress.end()
    const metadata = await exportRun(source, run, file, {
      taps,
      heads: options.heads,
      rows: options.rows,
      keys: options.keys,
      signal,
    })
    for (const warning of metadata.warnings) say(warning)
    file.commit()
    if (options.json) await printJson({ ...metadata, out: options.out })
    else say(`${metadata.arrays.length} arrays of ${card.id} are in ${options.out}`)
  } finally {
    progress.end()
    file.discard()
  }
}

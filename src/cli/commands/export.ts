import { basename } from 'node:path'
import { InvalidArgumentError, type Command } from 'commander'
import type { ModelCard } from '../../contract/model.ts'
import { defaultRegion, type Recording } from '../../contract/recording.ts'
import { RunOptions, type RunProgress } from '../../contract/run.ts'
import { parseTap } from '../../contract/tap.ts'
import type { Range } from '../../contract/tensor.ts'
import type { Window } from '../../contract/windows.ts'
import { openArrayFile } from '../../engine/export/array-file.ts'
import { attentionSize, checkLimits } from '../../engine/export/attention-size.ts'
import { exportWindows } from '../../engine/export/export-windows.ts'
import { hearRegion, type HeardRegion } from '../../engine/export/run-windows.ts'
import { isSaidFile, openSaidFile, saidOf } from '../../engine/export/said-file.ts'
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
    .requiredOption(
      '--out <path>',
      'X.safetensors, X.npz, or a folder for .npy files; X.csv or X.json for what the model says',
      parsePath,
    )
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

const exportRecording = async (session: Session, path: string, options: ExportOptions): Promise<void> => {
  const { engine, signal } = session
  const { engine: client, host } = engine.client
  const card = await host['models.open']({ model: options.model }, { signal })
  const output = isSaidFile(options.out) ? saidOutput(options.out) : arrayOutput(session, card, options)
  const progress = createProgress(`${card.id} on ${basename(path)}`)
  try {
    const recording = await host['files.open']({ path, channel: options.channel, raw: options.raw }, { signal })
    const region = options.region ?? defaultRegion(recording)
    const settings = RunOptions.parse(options)
    const input = { recording: recording.id, region, model: card.id, options: settings, device: options.device }
    const windows = await client['runs.windows'](input, { signal })
    output.check(recording, windows, settings)
    await sayEstimate(client, [input], signal)
    const part = (done: RunProgress): void => progress.part(done)
    const heard = await hearRegion(client, input, { signal, part, keep: output.keep })
    progress.end()
    const { warnings, sentence, json } = await output.write(heard)
    for (const warning of warnings) say(warning)
    output.commit()
    if (options.json) await printJson({ ...json, out: options.out })
    else say(`${sentence} ${options.out}`)
  } finally {
    progress.end()
    output.discard()
  }
}

/** What of the windows' results is written, and where. */
interface Export {
  /** all that is stored of all windows is wanted, and not only what they say */
  keep: boolean
  /** throws for what can be known before anything runs */
  check(recording: Recording, windows: readonly Window[], options: RunOptions): void
  write(heard: HeardRegion): Promise<{ warnings: string[]; sentence: string; json: object }>
  commit(): void
  discard(): void
}

const saidOutput = (path: string): Export => {
  const file = openSaidFile(path)
  return {
    keep: false,
    check: () => {},
    write: (heard) => {
      const { warnings, model } = file.write(heard)
      const json = saidOf(heard)
      return Promise.resolve({ warnings, json, sentence: `what ${model.id} says is in` })
    },
    commit: file.commit,
    discard: file.discard,
  }
}

const arrayOutput = ({ engine, signal }: Session, card: ModelCard, options: ExportOptions): Export => {
  const { taps, absent } = selectTaps(card, options.taps)
  for (const pattern of absent) say(`${card.id} has no ${pattern}: it is left out`)
  const file = openArrayFile(options.out)
  const source = engine.arraySource(card.id)
  const { heads, rows, keys } = options
  /** of an hour it would be a terabyte */
  const isLeftOut = (tap: string): boolean => options.taps.includes('*') && isAttention(tap)
  return {
    keep: true,
    check: (recording, windows, settings) => {
      const size = attentionSize(openModel(source.modelFolder, card.variant), recording, windows[0]!.region, settings)
      checkLimits(taps, size, options)
      if (windows.length > 1 && taps.some(isLeftOut))
        say('attention stays within a window and is left out: name its taps, such as encoder.attention.0, to have it')
    },
    write: async (heard) => {
      const limits = { heads, rows, keys, signal }
      const [only] = heard.heard
      const metadata =
        heard.heard.length === 1
          ? await exportRun(source, only!.run, file, { taps, ...limits })
          : await exportWindows(source, heard, file, { taps: taps.filter((tap) => !isLeftOut(tap)), ...limits })
      const { warnings, arrays } = metadata
      return { warnings, json: metadata, sentence: `${arrays.length} arrays of ${card.id} are in` }
    },
    commit: file.commit,
    discard: file.discard,
  }
}

const isAttention = (tap: string): boolean => ['attention', 'cross'].includes(parseTap(tap)?.kind ?? '')

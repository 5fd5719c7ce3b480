import { basename } from 'node:path'
import type { Command } from 'commander'
import { defaultRegion } from '../../contract/recording.ts'
import { RunOptions, type Verdict } from '../../contract/run.ts'
import type { Range } from '../../contract/tensor.ts'
import { errorText, nodesText, speedText } from '../../figures/provenance.ts'
import { parseRegion } from '../arguments.ts'
import { createProgress } from '../progress.ts'
import { withCommonOptions, withEngine, type CommonOptions, type Session } from '../session.ts'
import { print, printJson, table } from '../terminal.ts'
import { withDecoderOptions } from '../decoder-options.ts'

interface CompareOptions extends CommonOptions {
  region?: Range
}

/** `devices compare`: every hidden state and the logits of a device beside the CPU's, and how long each took. */
export const devicesCompareCommand = (devices: Command): void => {
  withCommonOptions(withDecoderOptions(devices.command('compare')))
    .description('run a model on a device and on the CPU, and print how far apart they are')
    .argument('<model>', 'a model id or folder')
    .argument('<recording>', 'an audio file')
    .option('--region <start:end>', 'seconds of the recording; the first 5 s unless given', parseRegion)
    .action((model: string, recording: string, options: CompareOptions, command: Command) => {
      if (options.device === 'auto' || options.device === 'cpu')
        command.error('error: name the device to compare with the CPU, such as --device webgpu')
      return withEngine(options, (session) => compare(session, model, recording, options))
    })
}

const compare = async (session: Session, reference: string, path: string, options: CompareOptions): Promise<void> => {
  const { engine, signal } = session
  const { engine: client, host } = engine.client
  const { id: model } = await host['models.open']({ model: reference }, { signal })
  const recording = await host['files.open']({ path }, { signal })
  const region = options.region ?? defaultRegion(recording)
  const progress = createProgress(`${model} on ${basename(path)}`)
  try {
    const verdict = await client['devices.compare'](
      { recording: recording.id, region, model, options: RunOptions.parse(options), device: options.device },
      { signal, onPart: (part) => progress.part(part) },
    )
    progress.end()
    await (options.json ? printJson(verdict) : print(describe(verdict)))
  } finally {
    progress.end()
  }
}

const describe = (verdict: Verdict): string => {
  const { device, parity, taps, refused } = verdict
  const rows = taps.map(({ tap, error }) => [tap, errorText(error)])
  return [
    ...(rows.length > 0 ? [table([['tap', "largest difference / the CPU's largest magnitude"], ...rows]), ''] : []),
    `device   ${device}`,
    `nodes    ${nodesText(verdict.nodes) || 'none ran'}`,
    ...(parity ? [`parity   ${errorText(parity.worst)} at ${parity.tap}; ${errorText(parity.limit)} is allowed`] : []),
    ...(parity ? [`speed    ${speedText(verdict)}`] : []),
    `verdict  ${refused ? `refused: ${refused}` : 'may run'}`,
  ].join('\n')
}

import { createInterface } from 'node:readline/promises'
import type { Command } from 'commander'
import type { LibraryCard } from '../../contract/libraries.ts'
import { EngineError } from '../../contract/errors.ts'
import { createDownloadProgress, megabytes } from '../download-progress.ts'
import { withCommonOptions, withEngine, type CommonOptions, type Session } from '../session.ts'
import { printJson, say } from '../terminal.ts'

interface InstallOptions extends CommonOptions {
  yes?: boolean
}

/** `devices install cuda` and `devices uninstall cuda`: libraries too large, and of too different a licence, to come with Otoscope. */
export const devicesInstallCommands = (devices: Command): void => {
  withCommonOptions(devices.command('install'))
    .description("download an accelerator's libraries: cuda (Linux on x64)")
    .argument('<library>')
    .option('--yes', 'accept the licence and the size without being asked')
    .action((library: string, options: InstallOptions) =>
      withEngine(options, (session) => install(library, options, session)),
    )
  withCommonOptions(devices.command('uninstall'))
    .description("delete an accelerator's downloaded libraries")
    .argument('<library>')
    .action((library: string, options: CommonOptions) =>
      withEngine(options, async ({ engine }) => {
        const card = await engine.client.engine['devices.uninstall']({ library })
        await (options.json ? printJson(card) : say(`${card.title}: removed`))
      }),
    )
}

const install = async (library: string, options: InstallOptions, { engine, signal }: Session): Promise<void> => {
  const cards = await engine.client.engine['devices.libraries']({}, { signal })
  const card = cards.find(({ id }) => id === library)
  if (card?.installed) return options.json ? printJson(card) : say(`${card.title}: installed already`)
  // a name that is not known is refused by the engine, which says what there is
  if (card && !card.refused && !options.yes) await askFor(card, signal)
  const progress = createDownloadProgress(library)
  try {
    const ask = engine.client.engine['devices.install']
    const installed = await ask({ library }, { signal, onPart: (part) => progress.part(part) })
    progress.end()
    await (options.json
      ? printJson(installed)
      : say(`${installed.title}: installed; otoscope devices says what starts now`))
  } finally {
    progress.end()
  }
}

/** Throws `bad-input` where nobody can be asked, or the answer is not yes. */
const askFor = async (card: LibraryCard, signal: AbortSignal): Promise<void> => {
  const here = card.partialBytes > 0 ? `, ${megabytes(card.partialBytes)} of it here already` : ''
  say(
    `${card.title}: ${megabytes(card.bytes.download)} to download${here}, about ${megabytes(card.bytes.disk)} on disk`,
  )
  say(`licence: ${card.licence}`)
  if (!process.stdin.isTTY)
    throw new EngineError('bad-input', `nothing was downloaded: otoscope devices install ${card.id} --yes accepts that`)
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await terminal.question('download and install? [y/N] ', { signal })
    if (!/^y(es)?$/i.test(answer.trim())) throw new EngineError('bad-input', 'nothing was downloaded')
  } finally {
    terminal.close()
  }
}

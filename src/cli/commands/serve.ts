import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { EngineError, isCancelled, messageOf } from '../../contract/errors.ts'
import { checkFile } from '../../engine/audio/check-file.ts'
import { rendererFolder } from '../../engine/paths.ts'
import { parsePort } from '../arguments.ts'
import { withRawOption, type RawOption } from '../raw-option.ts'
import { ended, withCommonOptions, withEngine, type CommonOptions } from '../session.ts'
import { print, printJson, say } from '../terminal.ts'

interface ServeOptions extends CommonOptions, RawOption {
  port: number
}

export const serveCommand = (program: Command): void => {
  withCommonOptions(withRawOption(program.command('serve')))
    .description('the workbench in a browser on this machine')
    .argument('[files...]', 'audio files; the samples when none is named')
    .option('--port <n>', 'a port on 127.0.0.1; any free one unless given', parsePort, 0)
    .action((files: string[], options: ServeOptions) => servePage(files, options))
}

/** Ended by somebody in the page; or without a header, and the page asks how it is to be read. */
const isForThePage = (error: unknown): boolean =>
  isCancelled(error) || (error instanceof EngineError && error.detail['rawFile'] !== undefined)

/** Serves until the process is told to end. */
export const servePage = (files: string[], options: ServeOptions): Promise<void> => {
  if (!existsSync(join(rendererFolder, 'index.html')))
    throw new EngineError('not-found', 'the page is not built: run npm run build')
  return withEngine(
    options,
    async ({ engine, signal }) => {
      for (const path of files) await checkFile(path)
      const { raw } = options
      const { host } = engine.client
      const openAll = async (): Promise<void> => {
        for (const path of files)
          await host['files.open']({ path, raw, ask: true }, { signal }).catch((error: unknown) => {
            if (signal.aborted || !isForThePage(error)) throw error
          })
        if (files.length === 0) await host['files.openSamples']({}, { signal })
      }
      let opening = Promise.resolve()
      // only here: a socket server takes longer to load than most commands take to run
      const { startServer } = await import('../../server/index.ts')
      const page = await startServer({
        handlers: {
          ...engine.handlers,
          // the address is told at once; a page shows what is being opened, and has its recordings when all are
          'recordings.list': async (input, context) => {
            await opening
            return engine.handlers['recordings.list'](input, context)
          },
        },
        open: engine.host['files.open'],
        folder: rendererFolder,
        port: options.port,
        onError: (error) => say(messageOf(error)),
      })
      opening = openAll()
      opening.catch(() => undefined)
      try {
        await (options.json ? printJson({ url: page.url }) : print(page.url))
        await opening
        await ended(signal)
      } finally {
        await page.close()
      }
    },
    'served to a browser',
  )
}

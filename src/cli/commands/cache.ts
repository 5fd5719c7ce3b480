import type { Command } from 'commander'
import { megabytes } from '../download-progress.ts'
import { withCommonOptions, withEngine, type CommonOptions } from '../session.ts'
import { print, printJson } from '../terminal.ts'

export const cacheCommand = (program: Command): void => {
  const cache = program.command('cache').description('what is stored of earlier runs')
  withCommonOptions(cache.command('stats'))
    .description('what is stored, and where')
    .action((options: CommonOptions) =>
      withEngine(options, async ({ engine }) => {
        const stats = { ...engine.store.stats(), folder: engine.store.folder }
        if (options.json) return printJson(stats)
        return print(
          `${stats.runs} runs of ${stats.recordings} recordings, ${megabytes(stats.bytes)} of ${megabytes(stats.limit)} in ${stats.folder}`,
        )
      }),
    )
  withCommonOptions(cache.command('verify'))
    .description('recompute every checksum and delete what is damaged')
    .action((options: CommonOptions) =>
      withEngine(options, async ({ engine }) => {
        const found = engine.store.verify()
        if (options.json) return printJson(found)
        return print(`${found.checked} pieces checked, ${found.bad} damaged and deleted`)
      }),
    )
  withCommonOptions(cache.command('clear'))
    .description('delete what is stored of runs, recordings and comparisons of devices')
    .action((options: CommonOptions) =>
      withEngine(options, async ({ engine }) => {
        engine.store.clear()
        const stats = engine.store.stats()
        if (options.json) return printJson(stats)
        return print('the cache is empty')
      }),
    )
}

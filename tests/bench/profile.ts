import { createSession } from '../../src/engine/inference/session.ts'
import { writeSkeleton } from '../../src/engine/models/skeleton-file.ts'
import { encoderFeed, inFolder, models } from './material.ts'
import { inTurn, printTable, type Row } from './measure.ts'

/**
 * A session's first run, which is profiled so that its nodes can be counted by provider, against one that is not: processor time,
 * which other programs disturb least.
 */
const rows: Row[] = []
for (const model of models())
  await inFolder(async (folder) => {
    const path = writeSkeleton(model.encoder, folder, model.encoder.hidden)
    const feed = encoderFeed(model, model.card.family === 'ast' ? 10 : 5)
    const firstRun = async (profileFolder?: string): Promise<number> => {
      const options = { provider: 'cpu' as const, threads: 2, ...(profileFolder ? { profileFolder } : {}) }
      using session = await createSession(path, options)
      const before = process.cpuUsage()
      await session.run(feed)
      const { user, system } = process.cpuUsage(before)
      return (user + system) / 1000
    }
    const found = await inTurn(
      () => firstRun(folder),
      () => firstRun(),
    )
    rows.push({ what: `${model.card.id}, first run`, against: 'without a profile', ...found })
  })
printTable(rows)

import type { NamedRegion } from '../../contract/regions.ts'
import { engine } from '../engine.ts'
import type { ListChange } from './region-history.ts'

/** The lists of regions as the engine keeps them, for every page that is open. */

/** how the engine tells this page's changes from another's */
const page = crypto.randomUUID()

/** as many as one call takes at a time */
const perCall = 1000

/** how often a list was changed or asked for, by recording */
const versions = new Map<string, number>()
const reading = new Set<string>()
const touch = (recording: string): void => void versions.set(recording, (versions.get(recording) ?? 0) + 1)

/** Keeps a change. */
export const writeList = async ({ recording, put, remove }: ListChange): Promise<void> => {
  touch(recording)
  const calls = Math.ceil(Math.max(put.length, remove.length) / perCall)
  await Promise.all(
    Array.from({ length: calls }, (_, i) => [i * perCall, (i + 1) * perCall] as const).map((part) =>
      engine['regions.change']({ recording, put: put.slice(...part), remove: remove.slice(...part), by: page }),
    ),
  )
}

/** What is kept, with all that was changed here and there before it came; null where it is being read already, and will be that new. */
export const readList = async (recording: string): Promise<NamedRegion[] | null> => {
  touch(recording)
  if (reading.has(recording)) return null
  reading.add(recording)
  try {
    for (;;) {
      const version = versions.get(recording)
      const list = await engine['regions.list']({ recording })
      if (version === versions.get(recording)) return list
    }
  } finally {
    reading.delete(recording)
  }
}

/** Hears of the lists that other pages change, for as long as the connection lasts. */
export const hearOfLists = (changed: (recording: string) => void): void => {
  engine['regions.changed'](({ recording, by }) => {
    if (by !== page) changed(recording)
  })
}

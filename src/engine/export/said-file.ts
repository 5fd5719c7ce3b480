import { writeFileSync } from 'node:fs'
import { EngineError } from '../../contract/errors.ts'
import { writeCsv } from '../../formats/csv.ts'
import { joinedOf, regionCard, windowCard } from './export-windows.ts'
import { openOutput, writable } from './output.ts'
import type { HeardRegion } from './run-windows.ts'
import { saidHeader, saidRows } from './said.ts'

/** What a model says of a region, as a table or with everything that made it, by the name's ending. */
export interface SaidFile {
  /** throws `not-found` where the model says nothing */
  write(region: HeardRegion): ReturnType<typeof regionCard>
  commit(): void
  discard(): void
}

export const isSaidFile = (path: string): boolean => /\.(?:csv|json)$/i.test(path)

export const openSaidFile = (path: string): SaidFile => {
  const output = openOutput(path, 'file')
  const textOf = /\.csv$/i.test(path) ? csvOf : (region: HeardRegion) => JSON.stringify(saidOf(region), null, 2) + '\n'
  return {
    write: (region) => {
      const { model } = region.heard[0]!.run
      if (model.type === 'encoder')
        throw new EngineError('not-found', `nothing to export: ${model.id} has no head that says anything`)
      const text = textOf(region)
      writable(output.path, () => writeFileSync(output.temporary, text))
      return regionCard(region.heard)
    },
    commit: output.commit,
    discard: output.discard,
  }
}

const csvOf = (region: HeardRegion): string => writeCsv(saidHeader, saidRows(joinedOf(region)))

export const saidOf = (region: HeardRegion) => {
  const { text, words, characters, windows } = joinedOf(region)
  return {
    ...regionCard(region.heard),
    text,
    words,
    characters,
    windows: region.heard.map((one, i) => ({
      ...windowCard(one),
      language: one.run.result.language,
      text: windows[i]!.text,
      labels: windows[i]!.labels,
    })),
  }
}

import { randomUUID } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { Option, type Command } from 'commander'
import { EngineError, messageOf } from '../../contract/errors.ts'
import {
  formatOfName,
  readRegionFile,
  regionFormats,
  regionFormatTitles,
  writeRegionFile,
  type RegionFormat,
} from '../../formats/regions/file.ts'
import { fitRows } from '../../formats/regions/fit.ts'
import { parseChannel } from '../arguments.ts'
import { withRawOption, type RawOption } from '../raw-option.ts'
import { withCommonOptions, withEngine, type CommonOptions, type Session } from '../session.ts'
import { printJson, say } from '../terminal.ts'

/** as many as one call takes */
const perCall = 10_000

type ListOptions = CommonOptions & RawOption & { channel?: number }

const withListOptions = (command: Command): Command =>
  withCommonOptions(withRawOption(command)).option(
    '--channel <channel>',
    'mix, left, right or a number from 0 on: each has a list of its own',
    parseChannel,
  )

export const regionsCommand = (program: Command): void => {
  const regions = program.command('regions').description('named regions of a recording, from and to other programs')
  withListOptions(regions.command('export'))
    .description('write the named regions of a recording')
    .argument('<recording>', 'an audio file')
    .argument('<file>', 'what to write')
    .addOption(new Option('--format <format>', 'told by the file’s name unless given').choices(regionFormats))
    .action((recording: string, file: string, options: ListOptions & { format?: RegionFormat }) =>
      withEngine(options, (session) => exportRegions(session, recording, file, options)),
    )
  withListOptions(regions.command('import'))
    .description('add the regions of a file: a Raven table, Audacity labels, a TextGrid of Praat or CSV')
    .argument('<recording>', 'an audio file')
    .argument('<file>', 'what to read; its format is told by what is in it')
    .action((recording: string, file: string, options: ListOptions) =>
      withEngine(options, (session) => importRegions(session, recording, file, options)),
    )
}

const exportRegions = async (
  { engine, signal }: Session,
  path: string,
  out: string,
  { format = formatOfName(out), json, raw, channel }: ListOptions & { format?: RegionFormat },
): Promise<void> => {
  const recording = await engine.client.host['files.open']({ path, raw, channel }, { signal })
  const list = await engine.client.engine['regions.list']({ recording: recording.id }, { signal })
  try {
    await writeFile(out, writeRegionFile(format, list, recording))
  } catch (error) {
    throw new EngineError('cannot-write', `${out} cannot be written: ${messageOf(error)}`)
  }
  if (json) return printJson({ out, format, regions: list.length })
  say(`${list.length} regions of ${recording.name} are in ${out} (${regionFormatTitles[format]})`)
}

const importRegions = async (
  { engine, signal }: Session,
  path: string,
  from: string,
  { json, raw, channel }: ListOptions,
): Promise<void> => {
  const read = readRegionFile(basename(from), await bytesOf(from))
  const recording = await engine.client.host['files.open']({ path, raw, channel }, { signal })
  const calls = engine.client.engine
  const known = await calls['regions.list']({ recording: recording.id }, { signal })
  const { rows, problems, notes } = fitRows(read, { of: recording, known })
  const put = rows.map((row) => ({ id: randomUUID(), ...row }))
  for (let at = 0; at < put.length; at += perCall)
    await calls['regions.change']({ recording: recording.id, put: put.slice(at, at + perCall), remove: [] }, { signal })
  if (json) return printJson({ format: read.format, regions: rows.length, problems, notes })
  for (const sentence of [...problems, ...notes]) say(sentence)
  say(`${rows.length} regions of ${from} (${regionFormatTitles[read.format]}) are in the list of ${recording.name}`)
}

const bytesOf = async (path: string): Promise<Uint8Array> => {
  try {
    return await readFile(path)
  } catch (error) {
    throw new EngineError('not-found', `${path} cannot be read: ${messageOf(error)}`)
  }
}

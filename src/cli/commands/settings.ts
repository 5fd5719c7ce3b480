import type { Command } from 'commander'
import { Settings, type SettingsCard } from '../../contract/settings.ts'
import { parseBytes } from '../../engine/settings/parse-bytes.ts'
import { withCommonOptions, withEngine, type CommonOptions } from '../session.ts'
import { print, printJson, say, table } from '../terminal.ts'

type Name = keyof Settings
const names = Object.keys(Settings.shape) as Name[]

export const settingsCommand = (program: Command): void => {
  const command = withCommonOptions(program.command('settings'))
    .description('what is kept about this machine; with a name and a value, change it')
    .argument('[name]', names.join(', '))
    .argument('[value]', 'the new value; auto for what holds unless something is set')
  command.action((name: string | undefined, value: string | undefined, options: CommonOptions) => {
    const wanted = name === undefined ? undefined : names.find((known) => known === name)
    if (name !== undefined && wanted === undefined)
      command.error(`error: there is no setting ${name}; there are ${names.join(', ')}`, { exitCode: 2 })
    const change = wanted && value !== undefined ? parseSetting(wanted, value) : undefined
    if (change === null) command.error(`error: ${wanted} cannot be ${value}: ${meanings[wanted!]}`, { exitCode: 2 })
    return withEngine(options, async ({ engine }) => {
      const { engine: client, host } = engine.client
      const keep = (given: Partial<Settings>): Promise<SettingsCard> =>
        given.cacheFolder === undefined
          ? client['settings.change'](given)
          : host['settings.cacheFolder']({ path: given.cacheFolder })
      const card = change ? await keep(change) : await client['settings.read']({})
      if (options.json) return printJson(card)
      await print(describe(card, wanted))
      for (const note of card.notes) say(note)
    })
  })
}

const meanings: Record<Name, string> = {
  threads: 'CPU threads of a run, 1 to 256',
  memoryLimit: 'bytes that models and runs may use, from 100MB on',
  cacheLimit: 'bytes of stored results, from 10MB on',
  cacheFolder: 'where results are stored',
  background: 'whether runs step back behind other programs: on or off',
  idleMinutes: 'minutes without a question after which models are released, up to 1440',
}

const read: Record<Name, (text: string) => unknown> = {
  threads: Number,
  memoryLimit: parseBytes,
  cacheLimit: parseBytes,
  cacheFolder: (text) => text,
  background: (text) => (text === 'on' ? true : text === 'off' ? false : null),
  idleMinutes: Number,
}

/** The one field changed; null where the words mean no value that it may have. */
const parseSetting = (name: Name, text: string): Partial<Settings> | null => {
  if (text === 'auto') return { [name]: Settings.parse({})[name] }
  const value = read[name](text.trim())
  // null is `auto` in the file, and no way to say it here
  const checked = value === null || text === '' ? null : Settings.safeParse({ [name]: value })
  return checked?.success ? { [name]: checked.data[name] } : null
}

const describe = (card: SettingsCard, only: Name | undefined): string => {
  const rows = names.map((name) => [
    name,
    shown(name, card.settings[name]),
    (now(card)[name] ?? shown(name, card.settings[name])) + (card.overruled.includes(name) ? ' (overruled here)' : ''),
    meanings[name],
  ])
  if (only) return table(rows.filter(([name]) => name === only))
  const { cores, memory, free } = card.machine
  const machine = `this machine: ${cores} cores, ${gigabytes(memory)} of memory, ${gigabytes(free)} free`
  return `${table([['setting', 'kept', 'holds now', ''], ...rows])}\n\n${machine}`
}

const shown = (name: Name, value: Settings[Name]): string => {
  if (value === null) return 'auto'
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  return name.endsWith('Limit') ? gigabytes(Number(value)) : String(value)
}

const now = ({ effective }: SettingsCard): Partial<Record<Name, string>> => ({
  threads: String(effective.threads),
  memoryLimit: gigabytes(effective.memoryLimit),
  cacheFolder: effective.cacheFolder,
})

const gigabytes = (bytes: number): string => `${Number((bytes / 1e9).toFixed(2))} GB`

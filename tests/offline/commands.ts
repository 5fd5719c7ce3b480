import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { resource, root } from '../../src/engine/paths.ts'
import { starters } from '../support/models.ts'

/** The built program, every process of it kept from the network and watched, with a home folder that is new. */
export interface Offline {
  folder: string
  home: string
  /** words that every command runs behind */
  before: string[]
  env: NodeJS.ProcessEnv
  /** what was asked of the network, as Node saw it */
  attempts(): string[]
  /** command lines of the Node processes that were watched */
  watched(): string[]
  close(): void
}

const own = /^(XDG_|HF_|HUGGING|OTOSCOPE_|ELECTRON_|npm_)|_?PROXY$/i

export const goOffline = (before: (folder: string) => string[] = () => []): Offline => {
  const folder = mkdtempSync(join(tmpdir(), 'otoscope-offline-'))
  const home = join(folder, 'home')
  const log = join(folder, 'attempts')
  mkdirSync(home)
  writeFileSync(log, '')
  const kept = Object.entries(process.env).filter(([name]) => !own.test(name))
  const lines = (pattern: RegExp): string[] =>
    readFileSync(log, 'utf8')
      .split('\n')
      .filter((line) => line !== '' && pattern.test(line))
  return {
    folder,
    home,
    before: before(folder),
    env: {
      ...Object.fromEntries(kept),
      HOME: home,
      USERPROFILE: home,
      LOCALAPPDATA: join(home, 'AppData'),
      DISPLAY: '',
      WAYLAND_DISPLAY: '',
      NODE_OPTIONS: `--import ${pathToFileURL(join(import.meta.dirname, 'refuse.ts')).href}`,
      OTOSCOPE_TEST_ATTEMPTS: log,
    },
    attempts: () => lines(/^(?!watched )/),
    watched: () => lines(/^watched /),
    close: () => rmSync(folder, { recursive: true, force: true }),
  }
}

export interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

export interface Begun {
  /** the first line on stdout */
  line: Promise<string>
  stop(): void
  ended: Promise<Ended>
}

export const begin = ({ before, env }: Offline, words: string[], more: NodeJS.ProcessEnv = {}): Begun => {
  const [program = '', ...rest] = [...before, process.execPath, join(root, 'bin', 'otoscope.js'), ...words]
  // a group of its own, so that stopping reaches the program and not who watches it alone
  const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...env, ...more }, detached: true })
  const result: Ended = { code: null, stdout: '', stderr: '' }
  child.stdout.on('data', (bytes: Buffer) => (result.stdout += bytes.toString()))
  child.stderr.on('data', (bytes: Buffer) => (result.stderr += bytes.toString()))
  const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ ...result, code })))
  const line = new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).once('line', resolve)
    void ended.then(() => reject(new Error(`${words.join(' ')} ended without a line: ${result.stderr}`)))
  })
  line.catch(() => {})
  return { line, ended, stop: () => process.kill(-child.pid!, 'SIGTERM') }
}

/** Commands whose one purpose is the network: they ask it because the person asked for it. */
export const askTheNetwork = ['models pull', 'models updates', 'devices install']

const model = starters.wav2vec2
const voice = resource('recordings', 'voice.wav')

/** Every other command but serve and open, in an order in which each finds what it needs. */
export const commandLines = (folder: string): string[][] => {
  const at = (name: string): string => join(folder, name)
  const second = ['--region', '0:1']
  return [
    ['inspect', model],
    ['export', voice, '--model', model, '--out', at('x.npz'), ...second],
    ['report', voice, '--models', model, '--out', at('report'), '--format', 'svg', ...second],
    ['regions', 'export', voice, at('voice.csv')],
    ['regions', 'import', voice, at('voice.csv')],
    ['models', 'list'],
    ['models', 'export', model, '--out', at('model.tar')],
    ['models', 'import', at('model.tar')],
    ['models', 'remove', `${model}-2`],
    ['devices'],
    ['devices', 'compare', model, voice, '--device', 'webgpu', ...second],
    ['devices', 'uninstall', 'cuda'],
    ['settings'],
    ['settings', 'threads', '1'],
    ['cache', 'stats'],
    ['cache', 'verify'],
    ['cache', 'clear'],
  ].map((words) => [...words, '--cache', at('cache')])
}

/** What a machine without a second device or without CUDA's libraries refuses, with a sentence. */
export const mayFail = ['devices compare', 'devices uninstall']

/** The names of all commands and their own, as --help lists them: "models list" … */
export const commandNames = async (place: Offline): Promise<string[]> => {
  const listed = async (...words: string[]): Promise<string[]> => {
    const { stdout } = await begin(place, [...words, '--help']).ended
    const [, commands = ''] = stdout.split(/^Commands:$/m)
    return [...commands.matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name!).filter((name) => name !== 'help')
  }
  const names: string[] = []
  for (const name of await listed()) {
    const below = await listed(name)
    names.push(...(below.length === 0 ? [name] : below.map((word) => `${name} ${word}`)))
  }
  return names
}

/** Names of all files below a folder, with slashes. */
export const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
    .sort()

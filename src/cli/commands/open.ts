import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { checkFile } from '../../engine/audio/check-file.ts'
import { electronBinary, installElectron, openWindow } from '../electron.ts'
import { withCommonOptions, type CommonOptions } from '../session.ts'
import { say } from '../terminal.ts'
import { servePage } from './serve.ts'

export const openCommand = (program: Command): void => {
  withCommonOptions(program.command('open', { isDefault: true }))
    .description('the workbench in a window, or in a browser where there can be none')
    .argument('[files...]', 'audio files; the samples when none is named')
    .action(open)
}

/** A window where Electron is and a display exists; otherwise the same page served, saying why. */
const open = async (files: string[], options: CommonOptions): Promise<void> => {
  const paths = files.map((file) => resolve(file))
  for (const path of paths) await checkFile(path)
  const reason = await windowed(paths, options)
  if (reason === null) return
  say(`${reason}; the workbench is served to a browser at this address:`)
  await servePage(paths, { ...options, port: 0 })
}

/** Opens the window and waits for its end; or the reason why there is none. */
const windowed = async (paths: string[], options: CommonOptions): Promise<string | null> => {
  if (!hasDisplay()) return 'there is no display for a window'
  const binary = electronBinary() ?? (await installElectron())
  if (!binary || !existsSync(binary)) return "Electron's program could not be downloaded"
  return openWindow(binary, paths, options)
}

const hasDisplay = (): boolean =>
  process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY)

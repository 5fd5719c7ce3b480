import { homedir } from 'node:os'
import { join } from 'node:path'

/**
 * The system's folder for what a person brought to Otoscope and would miss: unpacked models. OTOSCOPE_DATA names another.
 */
export const defaultDataFolder = (
  platform: NodeJS.Platform = process.platform,
  env: NodeJS.ProcessEnv = process.env,
  home: string = homedir(),
): string => {
  if (env.OTOSCOPE_DATA) return env.OTOSCOPE_DATA
  if (platform === 'win32') return join(env.LOCALAPPDATA || join(home, 'AppData', 'Local'), 'Otoscope')
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'otoscope')
  return join(env.XDG_DATA_HOME || join(home, '.local', 'share'), 'otoscope')
}

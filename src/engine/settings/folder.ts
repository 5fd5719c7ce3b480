import { homedir } from 'node:os'
import { join } from 'node:path'

/** The system's folder for Otoscope's settings; OTOSCOPE_SETTINGS names another. */
export const defaultSettingsFolder = (
  platform: NodeJS.Platform = process.platform,
  env: NodeJS.ProcessEnv = process.env,
  home: string = homedir(),
): string => {
  if (env.OTOSCOPE_SETTINGS) return env.OTOSCOPE_SETTINGS
  if (platform === 'win32') return join(env.APPDATA || join(home, 'AppData', 'Roaming'), 'Otoscope')
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'otoscope')
  return join(env.XDG_CONFIG_HOME || join(home, '.config'), 'otoscope')
}

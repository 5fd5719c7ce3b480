import { homedir } from 'node:os'
import { join } from 'node:path'

/** The system's cache folder for Otoscope; nothing in it is needed, everything can be computed again. */
export const defaultStoreFolder = (
  platform: NodeJS.Platform = process.platform,
  env: NodeJS.ProcessEnv = process.env,
  home: string = homedir(),
): string => {
  if (platform === 'win32') return join(env.LOCALAPPDATA || join(home, 'AppData', 'Local'), 'Otoscope', 'Cache')
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'otoscope')
  return join(env.XDG_CACHE_HOME || join(home, '.cache'), 'otoscope')
}

import { readReceipt, theseLibraries, versionFolder, type LibraryPlaces } from './libraries-place.ts'

/**
 * Lets a process find the libraries that were downloaded: added to the environment of inference processes alone, since the loader
 * reads it once, when a process starts. Ours come before the system's: they were made for each other. Empty where there are none.
 */
export const libraryEnvironment = (
  env: NodeJS.ProcessEnv = process.env,
  places: LibraryPlaces = theseLibraries(),
): { LD_LIBRARY_PATH?: string } => {
  if (places.system !== 'linux-x64' || !readReceipt(places)) return {}
  const given = (env['LD_LIBRARY_PATH'] ?? '').split(':').filter(Boolean)
  return { LD_LIBRARY_PATH: [...new Set([versionFolder(places), ...given])].join(':') }
}

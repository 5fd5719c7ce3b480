import type { Recording } from './recording.ts'
import type { ModelCard, SoundInput } from './model.ts'
import type { SettingsCard } from './settings.ts'

/** The few things only a desktop shell can do. In a browser there is no shell and the page does without. */
export interface Shell {
  platform: string
  /** asks main for a port to the engine; it arrives as a window message "engine-port" with the port transferred */
  connect(): void
  /** the system's open dialog; the opened recordings, empty when dismissed */
  openDialog(): Promise<Recording[]>
  /** files dropped on the page */
  openDropped(files: File[]): Promise<Recording[]>
  /** the system's dialog for `models import`, an archive or a folder, whose `input` may be mapped; null when dismissed */
  importModel(kind: 'folder' | 'archive', input?: SoundInput): Promise<ModelCard | null>
  /** the system's save dialog for `models export` to an archive; false when dismissed */
  exportModel(model: string): Promise<boolean>
  /** keeps an access token in the system's keychain and gives it to the engine; null forgets it. False without a keychain */
  keepToken(token: string | null): Promise<boolean>
  /** the system's folder dialog for where results are stored; null when dismissed */
  chooseCacheFolder(): Promise<SettingsCard | null>
  /** the system's save dialog; false when dismissed */
  save(name: string, bytes: Uint8Array): Promise<boolean>
  /** an image on the clipboard */
  copyImage(png: Uint8Array): Promise<void>
}

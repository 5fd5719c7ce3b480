import type { Recording } from './recording.ts'
import type { ModelCard } from './model.ts'

/** The six things only a desktop shell can do. In a browser there is no shell and the page does without. */
export interface Shell {
  platform: string
  /** asks main for a port to the engine; it arrives as a window message "engine-port" with the port transferred */
  connect(): void
  /** the system's open dialog; the opened recordings, empty when dismissed */
  openDialog(): Promise<Recording[]>
  /** files dropped on the page */
  openDropped(files: File[]): Promise<Recording[]>
  /** the system's folder dialog for `models import`; null when dismissed */
  importModel(): Promise<ModelCard | null>
  /** the system's save dialog; false when dismissed */
  save(name: string, bytes: Uint8Array): Promise<boolean>
  /** an image on the clipboard */
  copyImage(png: Uint8Array): Promise<void>
}

import type { Shell } from '../contract/shell.ts'

declare global {
  interface Window {
    /** the preload's bridge; absent in a browser */
    readonly shell?: Shell
  }
}

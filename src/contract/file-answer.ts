/** A file that the page saves or plays. */
export interface FileAnswer {
  name: string
  mime: string
  bytes: Uint8Array
}

import type { FileAnswer } from '../contract/file-answer.ts'

/** Hands a file to the person: the system's dialog where there is a shell, a download in a browser. */
export const saveFile = async ({ name, mime, bytes }: FileAnswer): Promise<void> => {
  if (window.shell) {
    await window.shell.save(name, bytes)
    return
  }
  const url = URL.createObjectURL(new Blob([new Uint8Array(bytes)], { type: mime }))
  const link = Object.assign(document.createElement('a'), { href: url, download: name })
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}

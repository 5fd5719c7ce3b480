import { createRequire } from 'node:module'

/** The fonts that figures are drawn with, from the package that brings them: the same picture on every system. */
const { resolve } = createRequire(import.meta.url)

export const fontFiles = {
  regular: resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'),
  bold: resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf'),
}

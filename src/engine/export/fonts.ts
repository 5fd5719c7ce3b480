import { createRequire } from 'node:module'

/** The fonts that figures are drawn with, from the package that brings them: the same picture on every system. */
const require = createRequire(import.meta.url)

export const fontFiles = {
  regular: require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'),
  bold: require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf'),
}

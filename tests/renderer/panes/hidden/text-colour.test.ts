import { expect, test } from 'vitest'
import { textColourOn } from '../../../../src/renderer/panes/hidden/text-colour.ts'

test('text is black on light colours and white on dark ones', () => {
  expect(['#ffffff', '#fde725', '#35b779'].map(textColourOn)).toEqual(['#000000', '#000000', '#000000'])
  expect(['#000000', '#440154', '#053061'].map(textColourOn)).toEqual(['#ffffff', '#ffffff', '#ffffff'])
})

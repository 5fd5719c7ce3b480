import { expect, it } from 'vitest'
import { stepped } from '../../../../src/renderer/panes/text/pieces.ts'

it('a step stays within the list, and begins at the end it comes from', () => {
  expect([stepped(2, 1, 5), stepped(4, 1, 5), stepped(0, -1, 5)]).toEqual([3, 4, 0])
  expect([stepped(null, 1, 5), stepped(null, -1, 5)]).toEqual([0, 4])
})

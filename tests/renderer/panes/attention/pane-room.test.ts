import { expect, test } from 'vitest'
import { noteLines, roomOf } from '../../../../src/renderer/panes/attention/pane-room.ts'

test('the map takes more than half of a wide pane and never more than its height', () => {
  expect(roomOf(560, 400)).toMatchObject({ side: 244, beside: 192 })
  expect(roomOf(900, 212)).toMatchObject({ side: 190, beside: 586 })
  expect(roomOf(200, 212).side).toBe(120)
})

test('a baseline stands beside the map where it is large enough to be read', () => {
  expect(roomOf(900, 400).baseline).toBeGreaterThanOrEqual(110)
  expect(roomOf(380, 212).baseline).toBeNull()
})

test('a note has as many lines as it needs, five at most', () => {
  const room = roomOf(560, 400)
  expect(noteLines('', room)).toBe(0)
  expect(noteLines('22 % of the weight on padding.', room)).toBe(1)
  expect(noteLines('x'.repeat(1000), room)).toBe(5)
})

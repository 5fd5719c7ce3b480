import { expect, it } from 'vitest'
import { inOrderOf } from '../../../../src/renderer/panes/text/label-order.ts'

const label = (index: number, score: number) => ({ index, label: `label ${index}`, score })

it('labels follow another list; those that it lacks keep their own order behind', () => {
  const items = [label(3, 0.9), label(0, 0.5), label(7, 0.4), label(1, 0.2)]
  expect(inOrderOf(items, [1, 3, 5]).map(({ index }) => index)).toEqual([1, 3, 0, 7])
  expect(inOrderOf(items, [])).toEqual(items)
})

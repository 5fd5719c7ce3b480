import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, test } from 'vitest'
// what the page's window has beside a browser's
import type {} from '../../../src/renderer/shims.d.ts'
import { useRuns } from '../../../src/renderer/stores/runs.ts'
import { runKey, type RunRequest } from '../../../src/renderer/stores/window-requests.ts'
import { exampleRun } from '../../engine/store/example-run.ts'

beforeEach(() => setActivePinia(createPinia()))

const requestOf = (region: [number, number]): RunRequest => ({ recording: 'r', region, model: 'm', options: {} })
const [first, second] = [requestOf([0, 30]), requestOf([30, 60])]
const known = (): ReturnType<typeof useRuns> => {
  const runs = useRuns()
  for (const [id, request] of [
    ['one', first],
    ['two', second],
  ] as const)
    runs.found[runKey(request)] = exampleRun(id)
  return runs
}

test('a run that the store has no longer is forgotten, and no other one', () => {
  const runs = known()
  runs.lose({ code: 'not-found', detail: { run: 'one' } })
  expect([runs.runOf(first), runs.runOf(second)?.id]).toEqual([null, 'two'])
})

test('what failed otherwise leaves the runs as they were', () => {
  const runs = known()
  runs.lose({ code: 'not-found', detail: {} })
  runs.lose({ code: 'internal', detail: { run: 'one' } })
  runs.lose({ code: 'not-found', detail: { run: 'another' } })
  expect([runs.runOf(first)?.id, runs.runOf(second)?.id]).toEqual(['one', 'two'])
})

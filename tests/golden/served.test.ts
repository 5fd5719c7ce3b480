import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { engine as contract, type EngineClient } from '../../src/contract/engine.ts'
import { readNpz } from '../../src/formats/npz.ts'
import { connect } from '../../src/rpc/connect.ts'
import { socketPort, type Socket } from '../../src/rpc/ports/socket.ts'
import { serve, type Served } from '../support/served.ts'
import { differences, expectedArrays, manifest } from './compare.ts'
import type { LoadedTensor } from './load.ts'

/** The same goldens through the served program: what the page would save, over the WebSocket the page uses. */

const clip = fileURLToPath(new URL('./clip.wav', import.meta.url))
let served: Served
let engine: EngineClient

beforeAll(async () => {
  served = await serve([clip])
  const { host, searchParams } = new URL(served.url)
  const headers = { origin: `http://${host}` }
  const socket = new WebSocket(`ws://${host}/rpc?token=${searchParams.get('token')}`, { headers })
  engine = connect(contract, socketPort(socket as unknown as Socket))
})
afterAll(() => served.close())

const savedArray = async (run: string, tap: string): Promise<LoadedTensor> => {
  const { bytes } = await engine['runs.save']({ run, tap, format: 'npz' })
  const array = readNpz(bytes).get(tap)
  if (!array) throw new Error(`no array ${tap} in what was saved`)
  return array
}

const shipped = manifest.models.filter(({ folder }) => folder.startsWith('resources/'))

describe("the served API against PyTorch's eager attention", () => {
  it.each(shipped.map((model) => [model.folder.split('/').at(-1)!, model] as const))(
    'agrees on every array a page can save: %s',
    async (id, { golden, region }) => {
      const [recording] = await engine['recordings.list']({})
      const run = Object.keys(manifest.goldens[golden]!.runs).includes('detected') ? 'detected' : 'encoder'
      const [start, end] = region.split(':').map(Number) as [number, number]
      const result = await engine['runs.start']({ recording: recording!.id, region: [start, end], model: id, device: 'cpu' })
      const actual = new Map<string, LoadedTensor>()
      for (const name of expectedArrays(golden, run).keys()) actual.set(name, await savedArray(result.id, name))
      expect(differences(actual, golden, run)).toEqual([])
    },
    120_000,
  )
})

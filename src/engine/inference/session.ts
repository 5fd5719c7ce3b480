import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { env, InferenceSession, listSupportedBackends, Tensor as OrtTensor } from 'onnxruntime-node'
import { EngineError } from '../../contract/errors.ts'
import type { TensorCard } from '../../contract/model.ts'
import type { NodeCounts, ProviderId } from '../../contract/run.ts'
import { elementCount, type DataTypeMap, type DType } from '../../contract/tensor.ts'
import { fromFloat16, toFloat16 } from '../../formats/float16.ts'
import { startReason } from '../devices/missing-libraries.ts'
import { bindingFolder } from '../paths.ts'
import { countNodes, nodeCount, profilePrefix, takeProfile } from './placement.ts'

/**
 * The only file that imports onnxruntime. Its own log stays silent: what goes wrong is said by `EngineError`. From 1.29 on it
 * reports models and runs to Microsoft and keeps a device's id in the home folder, unless told not to before the first session.
 */
process.env['ORT_DISABLE_TELEMETRY'] = '1'
env.logLevel = 'fatal'
const silent = 4

export const onnxruntimeVersion: string = env.versions.node ?? 'unknown'

/** A tensor without words for its axes: what a graph takes and gives. Row-major. */
export interface Values<D extends DType = 'float32'> {
  dtype: D
  shape: number[]
  data: DataTypeMap[D]
}
export type Feed = { [D in DType]: Values<D> }[DType]

/**
 * A graph loaded by onnxruntime. `run` blocks the thread until the whole graph has run; it cannot be interrupted. Numbers that the
 * graph takes or gives as float16 are float32 here.
 */
export interface Session extends Disposable {
  readonly provider: ProviderId
  /** how many of its nodes each provider ran; empty before the first run, and without a `profileFolder` */
  readonly nodes: NodeCounts
  readonly inputs: TensorCard[]
  readonly outputs: TensorCard[]
  /** Every output, or those named. The arrays are the caller's own. Throws `bad-model` where the graph fails on
   *  these feeds or gives an output that is no float32 or float16, `no-provider` where a provider other than the CPU fails or, in the
   *  first run, ran not one node. */
  run(feeds: Record<string, Feed>, fetches?: string[]): Promise<Record<string, Values>>
  /** Frees the session's memory; a second call does nothing. */
  release(): void
}

export interface SessionOptions {
  provider: ProviderId
  threads: number
  /** an error when a single node would land on the CPU instead of `provider` */
  strict?: boolean
  /** an existing folder: the first run is profiled there, so that its nodes can be counted by provider */
  profileFolder?: string
  signal?: AbortSignal
}

/** Execution providers this build of onnxruntime holds (not necessarily usable): bundled, or with their library beside it. */
export const compiledProviders = (): string[] =>
  listSupportedBackends()
    .filter((backend) => backend.bundled || existsSync(providerLibrary(backend.name)))
    .map((backend) => backend.name)

/** CUDA's library is not part of its package: `devices install` and onnxruntime's own installer put it here. */
const providerLibrary = (name: string): string => join(bindingFolder, `libonnxruntime_providers_${name}.so`)

/** All of onnxruntime's rewrites are on: tensors that are outputs survive them, and numbers stay within 2e-5. */
const sessionOptions = (
  { provider, threads, strict }: SessionOptions,
  profile: string | null,
): InferenceSession.SessionOptions => ({
  executionProviders: [provider],
  graphOptimizationLevel: 'all',
  intraOpNumThreads: threads,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  // clips have many lengths: patterns remembered per shape would only hold memory
  enableMemPattern: false,
  logSeverityLevel: silent,
  ...(profile === null ? {} : { enableProfiling: true, profileFilePrefix: profile }),
  extra: {
    session: { intra_op: { allow_spinning: '0' }, ...(strict ? { disable_cpu_ep_fallback: '1' } : {}) },
  },
})

/**
 * Loads a graph: by path, so that external data beside it is found, or from the bytes of one without such data. Throws `bad-model`,
 * `no-provider`, or the signal's reason.
 */
export const createSession = async (model: string | Uint8Array, options: SessionOptions): Promise<Session> => {
  options.signal?.throwIfAborted()
  // onnxruntime drops a provider it does not know and goes on with the CPU: never let it see one
  if (!compiledProviders().includes(options.provider))
    throw new EngineError(
      'no-provider',
      `${options.provider} is not part of this build of onnxruntime; use --device cpu or auto`,
    )
  const path = typeof model === 'string' ? model : 'the graph'
  const { provider, profileFolder } = options
  const profile = profileFolder === undefined ? null : profilePrefix(profileFolder)
  const settings = sessionOptions(options, profile)
  const loading =
    typeof model === 'string' ? InferenceSession.create(model, settings) : InferenceSession.create(model, settings)
  const session = await loading.catch((cause: unknown) => {
    // there is none where not even the provider's library was loaded
    if (profile !== null) takeProfile(profile)
    throw loadError(basename(path), provider, sentence(cause, path))
  })
  return wrap(session, provider, basename(path), profile)
}

const loadError = (name: string, provider: ProviderId, reason: string): EngineError =>
  provider === 'cpu'
    ? new EngineError('bad-model', `${name} is no model that onnxruntime can run: ${reason}`)
    : new EngineError('no-provider', `${provider} does not start: ${reason}`, { reason })

const runError = (name: string, provider: ProviderId, reason: string): EngineError =>
  provider === 'cpu'
    ? new EngineError('bad-model', `${name} cannot run on what it was given: ${reason}`)
    : new EngineError('no-provider', `${name} failed on ${provider}: ${lacking(provider, reason)}`)

/** CUDA's provider opens cuDNN only when a node wants it: a provider that started may still lack it. */
const lacking = (provider: ProviderId, reason: string): string =>
  /cudnn|cufft/i.test(reason) ? startReason(provider, reason) : reason

/** The first line of onnxruntime's message, without folders, error-code prefix and place in its source. */
const sentence = (cause: unknown, path: string): string => {
  const text = cause instanceof Error ? cause.message : String(cause)
  const line = (text.split('\n')[0] ?? '').replaceAll(path, basename(path))
  return line
    .replace(/^(\[ONNXRuntimeError\] : \d+ : \w+ : |Error: )/, '')
    .replace(/^\/\S*onnxruntime\/core\/.* was false\. /, '')
    .slice(0, 300)
}

/** A provider may be taken and then given nothing to do: every node falls back to the CPU, and onnxruntime says nothing. */
const checkPlaced = (provider: ProviderId, nodes: NodeCounts): void => {
  if (provider === 'cpu' || nodes[provider]) return
  throw new EngineError('no-provider', `${provider} was accepted but ran none of the ${nodeCount(nodes)} nodes`)
}

const wrap = (session: InferenceSession, provider: ProviderId, name: string, profile: string | null): Session => {
  const types = new Map(session.inputMetadata.map((input) => [input.name, tensorCard(input).dtype]))
  let released = false
  let profiling = profile
  let nodes: NodeCounts = {}
  const endProfile = (): NodeCounts => {
    if (profiling === null) return {}
    session.endProfiling()
    const text = takeProfile(profiling)
    profiling = null
    if (text === null) throw new EngineError('internal', 'onnxruntime wrote no profile of its first run')
    return countNodes(text)
  }
  const release = (): void => {
    if (released) return
    released = true
    try {
      endProfile()
    } finally {
      void session.release()
    }
  }
  return {
    provider,
    get nodes() {
      return nodes
    },
    inputs: session.inputMetadata.map(tensorCard),
    outputs: session.outputMetadata.map(tensorCard),
    run: async (feeds, fetches) => {
      const given = Object.fromEntries(
        Object.entries(feeds).map(([key, feed]) => [key, toOrt(key, feed, types.get(key))]),
      )
      const results = await session.run(given, fetches ?? session.outputNames).catch((cause: unknown) => {
        throw runError(name, provider, sentence(cause, name))
      })
      if (profiling !== null) checkPlaced(provider, (nodes = endProfile()))
      return Object.fromEntries(Object.entries(results).map(([key, value]) => [key, fromOrt(key, name, value)]))
    },
    release,
    [Symbol.dispose]: release,
  }
}

const tensorCard = (value: InferenceSession.ValueMetadata): TensorCard => ({
  name: value.name,
  dtype: value.isTensor ? value.type : 'no tensor',
  shape: value.isTensor ? [...value.shape] : [],
})

const toOrt = (name: string, { dtype, data, shape }: Feed, wanted: string | undefined): OrtTensor => {
  if (data.length !== elementCount(shape))
    throw new EngineError('bad-input', `${name} has ${data.length} values but the shape ${shape.join(' × ')}`)
  return wanted === 'float16' && data instanceof Float32Array
    ? halfTensor(toFloat16(data), shape)
    : new OrtTensor(dtype, data, shape)
}

/** onnxruntime-node 1.30 finds no bytes in the Float16Array that Tensor makes of a float16's bits: they are kept as they are. */
const halfTensor = (bits: Uint16Array, shape: number[]): OrtTensor =>
  Object.assign(new OrtTensor('uint16', bits, shape), { type: 'float16' as const })

/** onnxruntime gives float16 as a Float16Array, or as its bits where there is none. */
const halvesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint16Array =>
  new Uint16Array(buffer, byteOffset, byteLength / 2)

const fromOrt = (output: string, model: string, { type, data, dims }: OrtTensor): Values => {
  const shape = [...dims]
  if (data instanceof Float32Array) return { dtype: 'float32', shape, data }
  if (type === 'float16' && ArrayBuffer.isView(data))
    return { dtype: 'float32', shape, data: fromFloat16(halvesOf(data)) }
  throw new EngineError('bad-model', `output ${output} of ${model} is ${type}, no float32 or float16`)
}

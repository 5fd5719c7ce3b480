import { setImmediate as macrotask } from 'node:timers/promises'
import type { JobInput } from '../../contract/inference.ts'
import type { Run, RunProgress } from '../../contract/run.ts'
import type { Tensor } from '../../contract/tensor.ts'
import { readClip, type Clip } from '../audio/clip.ts'
import { modelRate } from '../models/families/config-number.ts'
import { familyById } from '../models/families/families.ts'
import type { Model } from '../models/model.ts'
import { version } from '../paths.ts'
import type { Store } from '../store/store.ts'
import { checkClip, checkLength, isSilent } from './clip-check.ts'
import { encode } from './encode.ts'
import { readHead, type Head } from './head.ts'
import { onnxruntimeVersion } from './session.ts'
import { checkSteps, hiddenTaps, tapCards, type StoredTap } from './taps.ts'
import { warmModel, type WarmModel } from './warm.ts'
import { checkWhisperOptions, type Progress } from './whisper-run.ts'

/**
 * One job: decode → features → encode → decode text, then everything into the store in one transaction. Stages are reported as
 * they begin; between them (and between tokens) the signal is heard. Throws `EngineError`, or the signal's reason.
 */
export const runJob = async (input: JobInput, store: Store, progress: Progress): Promise<Run> => {
  const began = performance.now()
  const { provider } = input.candidates[0]!
  const warm = warmModel({ ...input, provider }, store.folder)
  const { model } = warm
  if (model.decoder) checkWhisperOptions(model, input.options)

  await enter(progress, 'decode')
  const clip = await clipOf(input, model, progress.signal)
  await enter(progress, 'features')
  const features = familyById[model.card.family].features(clip.samples, model.preprocessor)
  const found = await infer(warm, input, clip, features, progress)

  await enter(progress, 'store')
  const stored = [{ tap: 'features', tensor: features }, ...found.taps]
  const run = describe({ input, warm, clip, found, stored, seconds: (performance.now() - began) / 1000 })
  store.putRun(run, stored)
  return run
}

/** Says that a stage begins, after a macrotask in which a cancel message can arrive. */
const enter = async ({ signal, part }: Progress, stage: RunProgress['stage']): Promise<void> => {
  part({ stage, done: 0, total: 1 })
  await macrotask()
  signal.throwIfAborted()
}

const clipOf = async (input: JobInput, model: Model, signal: AbortSignal): Promise<Clip> => {
  const rate = modelRate(model.preprocessor)
  checkLength(input.region, familyById[model.card.family], model.preprocessor)
  const clip = await readClip(input.recordingPath, input.opened, input.region, rate, signal)
  checkClip(clip, familyById[model.card.family], model.preprocessor)
  return clip
}

/** What the model gave, and where its steps lie. */
interface Found extends Head {
  grids: Run['grids']
}

const infer = async (
  warm: WarmModel,
  input: JobInput,
  clip: Clip,
  features: Tensor,
  progress: Progress,
): Promise<Found> => {
  const { model } = warm
  const { preprocessor, config } = model
  const grids = familyById[model.card.family].grids(clip.samples.length, clip.region[0], preprocessor, config)
  await enter(progress, 'load')
  await warm.session('encoder', model.encoder, progress.signal)
  await enter(progress, 'encode')
  const encoded = await encode(warm, features, progress.signal)
  const taps = hiddenTaps('encoder', encoded.hidden)
  checkSteps(taps, grids.encoder)
  await macrotask()
  progress.signal.throwIfAborted()
  const head = await readHead(warm, input.options, encoded, grids.encoder, progress)
  return { ...head, taps: [...taps, ...head.taps], grids }
}

interface Parts {
  input: JobInput
  warm: WarmModel
  clip: Clip
  found: Found
  stored: StoredTap[]
  seconds: number
}

const describe = ({ input, warm: { model, provider }, clip, found, stored, seconds }: Parts): Run => {
  const { card } = model
  const steps = found.taps[0]?.tensor.shape[0] ?? 0
  return {
    id: input.id,
    recording: { id: input.recording, name: input.recordingName },
    region: clip.region,
    samples: clip.samples.length,
    model: {
      id: input.model,
      hash: input.modelHash,
      family: card.family,
      type: card.type,
      variant: input.modelVariant,
      untrained: card.untrained,
    },
    options: input.options,
    provider,
    device: input.candidates[0]?.name ?? '',
    choice: '',
    nodes: {},
    parity: null,
    threads: input.threads,
    fromStore: false,
    seconds,
    encoder: card.encoder,
    ...(card.decoder ? { decoder: card.decoder } : {}),
    grids: found.grids,
    taps: tapCards(stored, model, steps, found.tokens),
    result: found.result,
    warnings: [
      ...clip.warnings,
      ...(isSilent(clip.samples) ? ['silence: the clip never rises above −100 dB of full scale'] : []),
      ...(card.untrained ? ['untrained weights: what the model says means nothing'] : []),
      ...found.warnings,
    ],
    versions: { otoscope: version, onnxruntime: onnxruntimeVersion, decoder: input.opened.decoder },
  }
}

import { setImmediate as macrotask } from 'node:timers/promises'
import type { JobInput } from '../../contract/inference.ts'
import { EngineError } from '../../contract/errors.ts'
import type { NodeCounts, Run, RunProgress, Verdict } from '../../contract/run.ts'
import { baselineClip } from '../audio/baseline-clip.ts'
import { readClip, type Clip } from '../audio/clip.ts'
import { unpackOverview } from '../audio/overview.ts'
import { failedVerdict } from '../devices/verdict.ts'
import { modelRate } from '../models/families/config-number.ts'
import { baselineText } from '../../figures/baseline-text.ts'
import { failedProofs } from '../../contract/proof.ts'
import { familyById } from '../models/families/families.ts'
import type { Model } from '../models/model.ts'
import { openModel } from '../models/open.ts'
import { namingVariant } from '../models/variants.ts'
import { version } from '../paths.ts'
import type { Store } from '../store/store.ts'
import { chooseProvider, type Chosen } from './choice.ts'
import { checkClip, checkLength, isSilent } from './clip-check.ts'
import { compareWithCpu } from './compare.ts'
import { encode, type Heard } from './encode.ts'
import { readHead, type Head } from './head.ts'
import { onnxruntimeVersion } from './session.ts'
import { checkSteps, hiddenTaps, tapCards, type StoredTap } from './taps.ts'
import { warmModel, type WarmModel } from './warm.ts'
import { checkDecoderOptions, type Progress } from './decode-text.ts'

/**
 * One job: decode → features → choose what to run on → encode → decode text, then everything into the store in one transaction.
 * Stages are reported as they begin; between them (and between tokens) the signal is heard. Throws `EngineError`, or the
 * signal's reason.
 */
export const runJob = async (input: JobInput, store: Store, progress: Progress): Promise<Run> => {
  const began = performance.now()
  const { model, clip, heard } = await prepare(input, store, progress)
  const prepared = performance.now()
  const subject = { input, model, heard, store }
  for (;;) {
    const chosen = await chooseProvider(input, store, (candidate) => compareWithCpu(subject, candidate, progress))
    const twin = input.options.baseline === 'untrained'
    const warm = warmModel({ ...input, provider: chosen.provider, twin }, store.folder)
    const chose = performance.now()
    try {
      const found = await infer(warm, input, heard, progress)
      await enter(progress, 'store')
      const stored = [{ tap: 'features', tensor: heard.features }, ...found.taps]
      const seconds = (prepared - began + performance.now() - chose) / 1000
      const proof = store.proof(input.modelHash)
      const unproved = proof
        ? failedProofs(proof).map(({ sentence }) => `a proof of this model failed: ${sentence}`)
        : []
      const spent = { seconds, loadSeconds: warm.loadSeconds() }
      const run = describe({ input, model, chosen, nodes: warm.nodes(), clip, found, stored, spent, unproved })
      store.putRun(run, stored)
      return run
    } catch (error) {
      // what stands in the way of `auto` is written down; then the next is tried
      if (!isProvidersFault(error, chosen) || input.device !== 'auto') throw namingVariant(error, model.card)
      store.putVerdict(failedVerdict(input, chosen, error.message))
    }
  }
}

/** Compares the first candidate with the CPU over the job's clip, whatever is known of it. */
export const compareJob = async (input: JobInput, store: Store, progress: Progress): Promise<Verdict> => {
  const { model, heard } = await prepare(input, store, progress)
  return compareWithCpu({ input, model, heard, store }, input.candidates[0]!, progress)
}

/** An accelerator that fails, or gives no numbers: the CPU may do better. */
const isProvidersFault = (error: unknown, { provider }: Chosen): error is EngineError =>
  provider !== 'cpu' && error instanceof EngineError && (error.code === 'no-provider' || error.code === 'not-finite')

const prepare = async (
  input: JobInput,
  store: Store,
  progress: Progress,
): Promise<{ model: Model; clip: Clip; heard: Heard }> => {
  const model = openModel(input.modelFolder, input.modelVariant)
  if (model.decoder) checkDecoderOptions(model, input.options)
  await enter(progress, 'decode')
  const clip = await clipOf(input, model, store, progress.signal)
  await enter(progress, 'features')
  const { samples, region } = clip
  const { preprocessor, config } = model
  const family = familyById[model.card.family]
  const features = family.features(samples, preprocessor)
  return { model, clip, heard: { features, grids: family.grids(samples.length, region[0], preprocessor, config) } }
}

/** Says that a stage begins, after a macrotask in which a cancel message can arrive. */
const enter = async ({ signal, part }: Progress, stage: RunProgress['stage']): Promise<void> => {
  part({ stage, done: 0, total: 1 })
  await macrotask()
  signal.throwIfAborted()
}

const clipOf = async (input: JobInput, model: Model, store: Store, signal: AbortSignal): Promise<Clip> => {
  const rate = modelRate(model.preprocessor)
  checkLength(input.region, familyById[model.card.family], model.preprocessor)
  // what was stored when it was opened proves a seek into it
  const stored = store.findRecording(input.opened.id)
  const overview = (stored && unpackOverview(stored.overview, input.opened.frames)) ?? undefined
  const clip = await readClip(input.recordingPath, input.opened, input.region, rate, signal, 'auto', overview)
  checkClip(clip, familyById[model.card.family], model)
  return { ...clip, samples: baselineClip(clip.samples, input.options.baseline, rate) }
}

/** What the model gave, and where its steps lie. */
interface Found extends Head {
  grids: Run['grids']
}

const infer = async (warm: WarmModel, input: JobInput, heard: Heard, progress: Progress): Promise<Found> => {
  const { model } = warm
  const { grids } = heard
  await enter(progress, 'load')
  await warm.session('encoder', model.encoder, progress.signal)
  await enter(progress, 'encode')
  const encoded = await encode(warm, heard, progress.signal)
  const taps = hiddenTaps('encoder', encoded.hidden)
  checkSteps(taps, grids.encoder)
  await macrotask()
  progress.signal.throwIfAborted()
  const head = await readHead(warm, input.options, encoded, grids, progress)
  return { ...head, taps: [...taps, ...head.taps], grids }
}

interface Parts {
  input: JobInput
  model: Model
  chosen: Chosen
  nodes: NodeCounts
  clip: Clip
  found: Found
  stored: StoredTap[]
  spent: Pick<Run, 'seconds' | 'loadSeconds'>
  /** what trying the model's taps found wrong */
  unproved: string[]
}

const describe = ({ input, model, chosen, nodes, clip, found, stored, spent, unproved }: Parts): Run => {
  const { card } = model
  const steps = found.taps[0]?.tensor.shape[0] ?? 0
  const mapped = familyById[card.family].mappedTo?.(model.preprocessor)
  const { baseline } = input.options
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
    provider: chosen.provider,
    device: chosen.name,
    choice: chosen.choice,
    nodes,
    parity: chosen.parity,
    threads: input.threads,
    fromStore: false,
    ...spent,
    encoder: card.encoder,
    ...(card.decoder ? { decoder: card.decoder } : {}),
    grids: found.grids,
    taps: tapCards(stored, model, steps, found.tokens),
    result: found.result,
    warnings: [
      ...clip.warnings,
      ...(baseline ? [`a baseline: ${baselineText[baseline]}`] : []),
      ...(isSilent(clip.samples) && baseline !== 'silence'
        ? ['silence: the clip never rises above −100 dB of full scale']
        : []),
      ...(card.untrained ? ['untrained weights: what the model says means nothing'] : []),
      ...(mapped
        ? [`its input was mapped by hand to ${mapped}: nothing proves that this is what it was trained on`]
        : []),
      ...unproved,
      ...found.warnings,
      ...chosen.warnings,
    ],
    versions: { otoscope: version, onnxruntime: onnxruntimeVersion, decoder: input.opened.decoder },
  }
}

import type { JobInput } from '../contract/inference.ts'
import { EngineError } from '../contract/errors.ts'
import type { ModelCard } from '../contract/model.ts'
import type { Recording, Region } from '../contract/recording.ts'
import type { Run, RunInput } from '../contract/run.ts'
import { windowsOf, type Window } from '../contract/windows.ts'
import { checkRegion } from './audio/clip.ts'
import { modelHash } from './models/hash.ts'
import type { EngineParts } from './parts.ts'
import { runKey } from './run-key.ts'

/** What a run is, before anybody asked what the machine can run it on (devices/devices.ts). */
export type PlannedJob = Omit<JobInput, 'candidates' | 'skipped'>

/** A run with everything about it known but its numbers. */
export interface RunPlan {
  job: PlannedJob
  card: ModelCard
  warnings: string[]
}

/** Checks all that can be known before work starts. Throws `not-found`, `bad-region`, `bad-model`, `bad-input`. */
export const planRun = async (parts: EngineParts, input: RunInput): Promise<RunPlan> => {
  const { recording, path } = parts.sounds.opened(input.recording)
  const { card, folder } = parts.models.find(input.model)
  const { region, warnings } = checkRegion(recording, input.region)
  checkLength(recording, card, region)
  checkLanguage(card, input)
  const hash = await modelHash(folder, card.variant, parts.store)
  const id = runKey({ recording, region, modelHash: hash, family: card.family, options: input.options })
  const job: PlannedJob = {
    ...input,
    id,
    recordingPath: path,
    recordingName: recording.name,
    opened: recording,
    modelFolder: folder,
    modelVariant: card.variant,
    modelHash: hash,
    region,
    threads: parts.settings.threads,
  }
  return { job, card, warnings: [...recording.warnings, ...warnings] }
}

/** Its last window keeps an end that is clipped to the recording's, so that its run says so. Throws `bad-region`. */
export const regionWindows = (
  { sounds, models }: Pick<EngineParts, 'sounds' | 'models'>,
  { recording, region, model }: RunInput,
): Window[] => {
  const checked = checkRegion(sounds.opened(recording).recording, region).region
  const windows = windowsOf(checked, models.find(model).card.maxSeconds)
  const last = windows.at(-1)!
  return [...windows.slice(0, -1), { ...last, region: [last.region[0], region[1]] }]
}

const checkLength = (recording: Recording, card: ModelCard, [start, end]: Region): void => {
  const length = end - start
  // half a sample of slack: seconds do not name samples exactly
  const slack = 0.5 / recording.rate
  if (length + slack < card.minSeconds)
    throw new EngineError(
      'bad-region',
      `${card.id} needs at least ${seconds(card.minSeconds)} of sound, and this is ${seconds(length)}`,
    )
  if (card.maxSeconds !== null && length > card.maxSeconds + slack)
    throw new EngineError(
      'bad-region',
      `${card.id} hears at most ${seconds(card.maxSeconds)} at a time, and this is ${seconds(length)}: choose a shorter region`,
    )
}

const checkLanguage = (card: ModelCard, { options }: RunInput): void => {
  const { language } = options
  if (language === 'auto' || !card.languages?.length) return
  if (!card.languages.includes(language))
    throw new EngineError('bad-input', `${card.id} does not know the language ${language}`)
}

const seconds = (value: number): string => `${Number(value.toFixed(4))} s`

/** The stored run of this plan under the names it is asked for now, or null. A device asked for by name must have made it. */
export const storedRun = (parts: EngineParts, { job, card, warnings }: RunPlan): Run | null => {
  const stored = parts.store.findRun(job.id)
  if (!stored || (job.device !== 'auto' && stored.provider !== job.device)) return null
  return named({ ...stored, fromStore: true }, job, card, warnings)
}

/** A run under the names its recording and model have now, with the plan's warnings before its own. */
export const named = (run: Run, job: PlannedJob, card: ModelCard, warnings: readonly string[]): Run => ({
  ...run,
  recording: { id: run.recording.id, name: job.recordingName },
  model: { ...run.model, id: card.id, untrained: card.untrained },
  warnings: [...new Set([...warnings, ...run.warnings])],
})

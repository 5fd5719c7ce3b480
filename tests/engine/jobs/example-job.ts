import type { JobInput } from '../../../src/contract/inference.ts'
import { openRecording } from '../../../src/engine/audio/open.ts'
import { resource } from '../../../src/engine/paths.ts'
import { starters } from '../../support/models.ts'

/** A job over the spoken sample; Whisper writes `maxTokens` tokens. */
export const exampleJob = async (id: string, model: string = starters.whisper, maxTokens = 4): Promise<JobInput> => {
  const path = resource('recordings', 'voice.wav')
  const { recording } = await openRecording(path)
  return {
    id,
    recording: recording.id,
    recordingPath: path,
    recordingName: recording.name,
    opened: recording,
    model,
    modelFolder: resource('models', model),
    modelVariant: 'fp32',
    candidates: [{ provider: 'cpu', name: 'CPU' }],
    skipped: [],
    modelHash: model,
    region: [0, 2],
    options: { language: 'auto', task: 'transcribe', maxTokens },
    device: 'auto',
    threads: 1,
  }
}

import type { EngineClient } from '../../contract/engine.ts'
import { isCancelled, messageOf } from '../../contract/errors.ts'
import type { Run } from '../../contract/run.ts'
import { heardText } from '../../figures/heard-text.ts'

/** What was done to the sound before a run's model heard it, a line for each recording and model; asked of the file, which may be gone. */
export const heardNotes = async (
  client: Pick<EngineClient, 'recordings.heardBy'>,
  runs: readonly Run[],
  call: { signal?: AbortSignal },
): Promise<string[]> => {
  const notes: string[] = []
  for (const { recording, model, region } of runs) {
    const heardBy = { model: model.id, region }
    try {
      const sound = await client['recordings.heardBy']({ recording: recording.id, heardBy }, call)
      notes.push(`Of ${recording.name}, ${heardText(sound)}.`)
    } catch (error) {
      if (isCancelled(error)) throw error
      notes.push(`Of ${recording.name}, what ${model.id} hears is not known: ${messageOf(error)}.`)
    }
  }
  return [...new Set(notes)]
}

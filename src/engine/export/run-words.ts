import type { EngineClient } from '../../contract/engine.ts'
import { EngineError } from '../../contract/errors.ts'
import type { Run } from '../../contract/run.ts'
import type { Words } from '../../contract/words.ts'

/** When the words of a run were said; null where its decoder does not tell, or it has none. */
export const runWords = async (
  client: Pick<EngineClient, 'runs.words'>,
  { id, result }: Pick<Run, 'id' | 'result'>,
  signal?: AbortSignal,
): Promise<Words | null> => {
  if (!result.tokens) return null
  try {
    return await client['runs.words']({ run: id }, signal ? { signal } : {})
  } catch (error) {
    // a checkpoint without alignment heads has text, but no times
    if (error instanceof EngineError && error.code === 'bad-input') return null
    throw error
  }
}

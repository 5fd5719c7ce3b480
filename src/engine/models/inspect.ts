import { EngineError } from '../../contract/errors.ts'
import type { Inspection } from '../../contract/model.ts'
import type { Model } from './model.ts'

/** The architecture table; `openModel` has it ready as `model.inspection`. Callers that know another id put it in. */
export const inspectModel = (model: Omit<Model, 'inspection'>): Inspection => {
  throw new EngineError('not-yet', model.folder)
}

import { EngineError } from '../../contract/errors.ts'

/** Of a run that was there when it was shown; `detail.run` lets the page forget it, so that it can be run again. */
export const runGone = (run: string): EngineError =>
  new EngineError('not-found', 'this run is no longer in the store: run the model again', { run })

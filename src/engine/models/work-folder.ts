import { EngineError } from '../../contract/errors.ts'

/** A folder of this process alone for skeletons and links: `<parent>/work-<pid>-<random>`. */
export interface WorkFolder extends Disposable {
  path: string
}

/** Makes one and removes those that dead processes left in `parent`. Disposing removes it and everything in it. */
export const openWorkFolder = (parent: string): WorkFolder => {
  throw new EngineError('not-yet', parent)
}

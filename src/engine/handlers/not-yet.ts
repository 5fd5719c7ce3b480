import { EngineError } from '../../contract/errors.ts'

export const notYet = (): never => {
  throw new EngineError('not-yet', 'this is not there yet')
}

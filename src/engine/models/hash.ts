import { EngineError } from '../../contract/errors.ts'
import type { Store } from '../store/store.ts'

/**
 * SHA-256 in hex over the names and contents of a model's configs, tokenizer files and the graph files that are used (external
 * data included); the folder's own name has no part in it. Big files' hashes are taken from `remember` where known.
 */
export const modelHash = (folder: string, remember?: Pick<Store, 'fileHash' | 'rememberFileHash'>): Promise<string> => {
  return Promise.reject(new EngineError('not-yet', `${folder} ${remember === undefined}`))
}

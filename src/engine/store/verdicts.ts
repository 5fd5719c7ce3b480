import type { Verdict } from '../../contract/run.ts'
import { version } from '../paths.ts'
import type { Database } from './database.ts'

/** What comparisons of providers with the CPU found; another version of Otoscope may have compared otherwise. */
export const verdicts = (db: Database) => {
  const find = db.prepare<[string, string], { card: string }>(
    /* sql */ `SELECT card FROM verdicts WHERE model = ? AND otoscope = ? ORDER BY at DESC, rowid DESC`,
  )
  const put = db.prepare(/* sql */ `
    INSERT OR REPLACE INTO verdicts (model, provider, device, onnxruntime, otoscope, at, card)
    VALUES (?, ?, ?, ?, ?, ?, ?)`)
  return {
    find: (modelHash: string): Verdict[] => find.all(modelHash, version).map(({ card }) => JSON.parse(card) as Verdict),
    put: (verdict: Verdict): void => {
      const { model, provider, device, onnxruntime, at } = verdict
      put.run(model.hash, provider, device, onnxruntime, version, at, JSON.stringify(verdict))
    },
  }
}

import { createSession } from '../../src/engine/inference/session.ts'
import { familyById } from '../../src/engine/models/families/families.ts'
import { modelRate } from '../../src/engine/models/families/config-number.ts'
import { printTable, times, type Row } from './measure.ts'
import { encoderFeed, models, noise } from './material.ts'

/** Front ends on their longest clip (Wav2Vec2: 5 s) against the encoder's own run on what they give. */
const rows: Row[] = []
for (const { card, encoder, preprocessor, ...model } of models()) {
  const family = familyById[card.family]
  const seconds = family.maxSeconds(preprocessor) ?? 5
  const samples = noise(Math.floor(seconds * modelRate(preprocessor)))
  using session = await createSession(encoder.path, { provider: 'cpu', threads: 2 })
  const feed = encoderFeed({ card, encoder, preprocessor, ...model }, Math.floor(seconds))
  const found = await times(
    () => family.features(samples, preprocessor),
    () => session.run(feed),
    5,
  )
  rows.push({ what: `${card.id} front end, ${seconds} s`, against: 'encoder run', ...found })
}
printTable(rows)

import { describe, expect, test } from 'vitest'
import {
  checkLanguageAndTask,
  detectLanguage,
  generate,
  lengthLimit,
  promptOf,
} from '../../../src/engine/analysis/generate.ts'
import { generationRules } from '../../../src/engine/analysis/generation-rules.ts'
import { moonshine } from '../../../src/engine/models/families/moonshine.ts'
import { whisper } from '../../../src/engine/models/families/whisper.ts'

const decoder = whisper.decoder!

const config = {
  decoder_start_token_id: 8,
  eos_token_id: 7,
  max_target_positions: 20,
  forced_decoder_ids: [[1, 3]],
}
const generation = {
  lang_to_id: { '<|en|>': 9, '<|de|>': 10 },
  task_to_id: { transcribe: 11, translate: 12 },
  no_timestamps_token_id: 13,
  suppress_tokens: [1],
  begin_suppress_tokens: [2, 7],
  max_length: 20,
}
const rules = generationRules(config, generation, decoder)
const options = { language: 'auto', task: 'transcribe' as const }

/** A decoder that scores `order` in falling order whatever came before, over a vocabulary of 14. */
const always = (order: number[]) => async (): Promise<Float32Array> => {
  const scores = new Float32Array(14)
  order.forEach((id, i) => (scores[id] = 10 - i))
  return scores
}
const run = (next: () => Promise<Float32Array>, limit: number, signal = new AbortController().signal) => {
  const seen: [number, number][] = []
  const token = (done: number, total: number) => seen.push([done, total])
  return generate(next, [8, 9], limit, rules, { signal, token }).then((found) => ({ ...found, seen }))
}

describe('the prompt', () => {
  test('is start, language, task, no timestamps', () => {
    expect(promptOf(rules, 'de', 'translate')).toEqual([8, 10, 12, 13])
  })

  test('of an English-only model has no language and no task', () => {
    const english = generationRules(config, { ...generation, is_multilingual: false }, decoder)
    expect(promptOf(english, null, 'transcribe')).toEqual([8, 13])
    const old = generationRules(config, { no_timestamps_token_id: 13, task_to_id: { transcribe: 11 } }, decoder)
    expect(promptOf(old, null, 'transcribe')).toEqual([8, 13])
  })

  test('does not heed forced_decoder_ids', () => {
    expect(promptOf(rules, 'en', 'transcribe')).not.toContain(3)
  })
})

describe('greedy generation', () => {
  test('chooses the best token not suppressed, another rule for the first', async () => {
    const { ids } = await run(always([1, 2, 3]), 6)
    expect(ids).toEqual([8, 9, 3, 2, 2, 2])
  })

  test('keeps the end token and stops after it', async () => {
    const { ids, probabilities } = await run(always([7, 3]), 20)
    expect(ids).toEqual([8, 9, 3, 7])
    expect(probabilities).toHaveLength(2)
  })

  test('gives probabilities after suppression', async () => {
    const { probabilities } = await run(async () => Float32Array.of(0, 50, 50, 0), 3)
    expect(probabilities).toEqual([0.5])
  })

  test('reports every token', async () => {
    const { seen } = await run(always([3]), 4)
    expect(seen).toEqual([
      [1, 2],
      [2, 2],
    ])
  })

  test('ends between tokens when cancelled', async () => {
    const abort = new AbortController()
    let calls = 0
    const next = async () => {
      // a message from another process arrives in a macrotask of its own
      if (++calls === 2) setImmediate(() => abort.abort())
      return Float32Array.of(1, 0, 0)
    }
    await expect(run(next, 20, abort.signal)).rejects.toMatchObject({ name: 'AbortError' })
    expect(calls).toBeLessThanOrEqual(3)
  })

  test('refuses scores that are all NaN', async () => {
    await expect(run(async () => new Float32Array(14).fill(NaN), 5)).rejects.toMatchObject({ code: 'not-finite' })
  })
})

describe('the length limit', () => {
  test('is what is asked for, within the positions', () => {
    expect(lengthLimit(rules, 4, 6)).toBe(10)
    expect(lengthLimit(rules, 4, 600)).toBe(20)
  })

  test('else that of generation_config.json, beyond the prompt', () => {
    expect(lengthLimit(rules, 4, undefined)).toBe(20)
    expect(lengthLimit(generationRules(config, { max_length: 5 }, decoder), 4, undefined)).toBe(9)
    expect(lengthLimit(generationRules(config, { max_new_tokens: 3 }, decoder), 4, undefined)).toBe(7)
    const all = { ...moonshine.decoder!, positions: 'max_target_positions' }
    expect(lengthLimit(generationRules(config, { max_length: 5 }, all), 4, undefined)).toBe(5)
    expect(lengthLimit(generationRules(config, { max_length: 5 }, all), 4, 2)).toBe(6)
    expect(lengthLimit(generationRules(config, null, decoder), 4, undefined)).toBe(20)
  })
})

describe('the language', () => {
  test('is detected among the model’s own', () => {
    const scores = new Float32Array(14)
    scores[3] = 9
    scores[10] = 2
    const { code, probability } = detectLanguage(scores, rules)
    expect(code).toBe('de')
    expect(probability).toBeCloseTo(1 / (1 + Math.exp(-2)), 6)
  })

  test('must be one the model knows', () => {
    expect(() => checkLanguageAndTask(rules, { ...options, language: 'xx' })).toThrow(
      'unknown language: xx; this model knows auto, de, en',
    )
    expect(() => checkLanguageAndTask(rules, { ...options, language: 'de' })).not.toThrow()
  })

  test('and the task are not to be chosen for an English-only model', () => {
    const english = generationRules(config, { ...generation, is_multilingual: false }, decoder)
    expect(() => checkLanguageAndTask(english, { ...options, language: 'en' })).toThrow('knows no languages')
    expect(() => checkLanguageAndTask(english, { ...options, task: 'translate' })).toThrow('transcribes only')
    expect(() => checkLanguageAndTask(english, options)).not.toThrow()
  })
})

describe('the configs', () => {
  test('without a start or an end token are refused', () => {
    expect(() => generationRules({ eos_token_id: 1 }, null, decoder)).toThrow('decoder_start_token_id')
    expect(() => generationRules({ decoder_start_token_id: 1 }, {}, decoder)).toThrow('eos_token_id')
  })

  test('may name several end tokens', () => {
    expect(generationRules(config, { ...generation, eos_token_id: [7, 6] }, decoder).ends).toEqual([7, 6])
  })

  test('of a folder without generation_config.json suppress what config.json says', () => {
    expect(generationRules({ ...config, suppress_tokens: [5] }, null, decoder).suppress).toEqual([5])
    expect(generationRules({ ...config, suppress_tokens: [5] }, {}, decoder).suppress).toEqual([])
  })
})

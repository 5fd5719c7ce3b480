import { Tokenizer } from '@huggingface/tokenizers'
import { EngineError } from '../../contract/errors.ts'
import { readJson, type Json } from '../models/read-json.ts'

/** Ids → text for a model folder's tokenizer. Encoding is not needed: generation starts from ids. */
export interface TokenTexts {
  /** one token as text; bytes that are no character of their own show as U+FFFD, an unknown id as `#id` */
  token(id: number): string
  /** control tokens and timestamps: <|en|>, <|endoftext|>, <|0.00|> … */
  special(id: number): boolean
  /** the sequence as Hugging Face prints it: special tokens left out, spaces as they are */
  text(ids: readonly number[]): string
}

/** From tokenizer.json, else from vocab.json and added_tokens.json; null where the folder has neither. */
export const openTokenizer = (folder: string): TokenTexts | null => {
  const settings = readJson(folder, 'tokenizer_config.json') ?? {}
  const description = readJson(folder, 'tokenizer.json') ?? fromVocabulary(folder, settings)
  if (!description) return null
  try {
    return wrap(new Tokenizer(description, settings))
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new EngineError('bad-model', `the tokenizer of the model's folder cannot be read: ${reason}`)
  }
}

/** What tokenizer.json would say of a byte-level vocabulary; merges only matter for encoding. */
const fromVocabulary = (folder: string, settings: Json): Json | null => {
  const vocab = readJson(folder, 'vocab.json')
  if (!vocab) return null
  const contents = new Map<number, string>()
  for (const [content, id] of Object.entries(readJson(folder, 'added_tokens.json') ?? {}))
    contents.set(Number(id), content)
  for (const [id, token] of Object.entries((settings['added_tokens_decoder'] ?? {}) as Record<string, Json>))
    contents.set(Number(id), String(token['content']))
  return {
    added_tokens: [...contents].map(([id, content]) => ({ id, content, special: isControl(content) })),
    normalizer: null,
    pre_tokenizer: null,
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    model: { type: 'BPE', vocab, merges: [] },
  }
}

const isControl = (content: string): boolean => /^<\|.*\|>$/.test(content)

const wrap = (tokenizer: Tokenizer): TokenTexts => {
  const added = tokenizer.get_added_tokens_decoder()
  const special = (id: number): boolean => {
    const token = added.get(id)
    return token !== undefined && (token.special || isControl(token.content))
  }
  const decode = (ids: number[]): string =>
    ids.length === 0 ? '' : tokenizer.decode(ids, { skip_special_tokens: false, clean_up_tokenization_spaces: false })
  return {
    special,
    token: (id) => {
      if (added.has(id)) return added.get(id)?.content ?? ''
      return tokenizer.id_to_token(id) === undefined ? `#${id}` : decode([id])
    },
    // an id beyond the tokenizer's table (padded vocabularies) has no text
    text: (ids) => decode(ids.filter((id) => !special(id) && tokenizer.id_to_token(id) !== undefined)),
  }
}

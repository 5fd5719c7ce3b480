/** A tap is a named place in a model. One grammar everywhere: contract, store, exports, figures (design §4). */

export type Side = 'encoder' | 'decoder'

export type Tap =
  | { kind: 'features' }
  | { kind: 'hidden'; side: Side; index: number } // index 0 … layers, as Hugging Face's hidden_states[i]
  | { kind: 'attention'; side: Side; layer: number } // self-attention, [head, query, key]
  | { kind: 'cross'; layer: number } // cross-attention, [head, token, key]
  | { kind: 'tokens' }
  | { kind: 'logits' }

export type TapName = string

export const printTap = (tap: Tap): TapName => {
  switch (tap.kind) {
    case 'hidden':
      return `${tap.side}.hidden.${tap.index}`
    case 'attention':
      return `${tap.side}.attention.${tap.layer}`
    case 'cross':
      return `cross.attention.${tap.layer}`
    default:
      return tap.kind
  }
}

const pattern = /^(?:(features|tokens|logits)|(encoder|decoder)\.(hidden|attention)\.(\d+)|cross\.attention\.(\d+))$/

/** The tap of a full name, or undefined where it is outside the grammar. */
export const parseTap = (name: string): Tap | undefined => {
  const match = pattern.exec(name)
  if (!match) return undefined
  const [, plain, side, kind, number, cross] = match
  if (plain) return { kind: plain as 'features' | 'tokens' | 'logits' }
  if (cross !== undefined) return { kind: 'cross', layer: Number(cross) }
  const index = Number(number)
  return kind === 'hidden'
    ? { kind, side: side as Side, index }
    : { kind: 'attention', side: side as Side, layer: index }
}

/** Whether `name` fits `glob`, in which `*` stands for any run of characters. */
export const matchTap = (glob: string, name: TapName): boolean =>
  new RegExp(`^${glob.split('*').map(escapeRegExp).join('.*')}$`).test(name)

const escapeRegExp = (text: string): string => text.replace(/[.+?^${}()|[\]\\]/g, '\\$&')

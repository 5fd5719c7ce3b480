import { commands, type Command } from './commands.ts'

/** From key presses to commands. */

export interface Press {
  key: string
  ctrlKey: boolean
  metaKey: boolean
  shiftKey: boolean
  altKey: boolean
}

/** A press as the table spells it. Shift is spelt only where it does more than choose the character, letters and named keys. */
export const spell = (press: Press): string => {
  const character = press.key.length === 1
  const letter = character && press.key.toLowerCase() !== press.key.toUpperCase()
  const ctrl = press.ctrlKey || press.metaKey
  const shift = press.shiftKey && !['?', '+', ';', ' '].includes(press.key)
  const key = letter && !shift ? press.key.toLowerCase() : letter ? press.key.toUpperCase() : press.key
  return `${ctrl ? 'Ctrl+' : ''}${press.altKey ? 'Alt+' : ''}${shift ? 'Shift+' : ''}${key}`
}

const byKey = new Map<string, Command>(commands.flatMap((one) => one.keys.map((key) => [key, one] as const)))

export const commandOf = (press: Press): Command | undefined => byKey.get(spell(press))

const names: Record<string, string> = {
  ' ': 'Space',
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  '>': '.',
  '-': '−',
}

/** "Shift+K" as a person reads it: ["Shift", "K"]. */
export const readKeys = (keys: string): string[] => {
  const parts = keys.length > 1 && keys.includes('+') ? keys.split('+') : [keys]
  return parts.map((part) => names[part] ?? (part.length === 1 ? part.toUpperCase() : part))
}

/**
 * Controls keep their own keys: what types text keeps all of them, what moves by arrows those, what is pressed by Space or Enter
 * those; a radio button or a slider has no use for Space.
 */
export const keptByControl = (press: Press, target: { tag: string; type: string; role: string | null }): boolean => {
  const typed = target.tag === 'INPUT' && ['text', 'number', 'search'].includes(target.type)
  if (press.ctrlKey || press.metaKey) return typed && ['z', 'y'].includes(press.key.toLowerCase())
  if (typed) return true
  if (target.tag === 'SELECT' || target.role === 'listbox') return true
  const arrow = press.key.startsWith('Arrow') || press.key === 'Home' || press.key === 'End'
  if (arrow && (target.tag === 'INPUT' || target.role === 'radio')) return true
  if (press.key !== ' ') return false
  return ['BUTTON', 'SUMMARY', 'A'].includes(target.tag) || (target.tag === 'INPUT' && target.type === 'checkbox')
}

import { describe, expect, it } from 'vitest'
import { commands, type Actions } from '../../../src/renderer/commands/commands.ts'

/** Records which action a command asks for. */
const recorder = (): { actions: Actions; called: string[] } => {
  const called: string[] = []
  const actions = new Proxy({} as Actions, { get: (_target, name) => () => called.push(String(name)) })
  return { actions, called }
}

describe('the command table', () => {
  it('gives no shortcut to two commands', () => {
    const keys = commands.flatMap((one) => one.keys)
    expect(keys.filter((key, i) => keys.indexOf(key) !== i)).toEqual([])
  })
  it('gives no id or title to two commands', () => {
    expect(new Set(commands.map((one) => one.id)).size).toBe(commands.length)
    expect(new Set(commands.map((one) => one.title)).size).toBe(commands.length)
  })
  it('makes every command ask for exactly one action', () => {
    for (const command of commands) {
      const { actions, called } = recorder()
      command.run(actions)
      expect(called, command.id).toHaveLength(1)
    }
  })
  it('leaves the browser’s own shortcuts alone', () => {
    const taken = [
      'Ctrl+r',
      'Ctrl+w',
      'Ctrl+t',
      'Ctrl+l',
      'Ctrl+f',
      'Ctrl+c',
      'Ctrl+v',
      'Ctrl+a',
      'Tab',
      'Enter',
      'Escape',
    ]
    expect(commands.flatMap((one) => one.keys).filter((key) => taken.includes(key))).toEqual([])
  })
})

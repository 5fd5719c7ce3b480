import { describe, expect, it } from 'vitest'
import { commandOf, keptByControl, readKeys, spell, type Press } from '../../../src/renderer/commands/keys.ts'

const press = (key: string, more: Partial<Press> = {}): Press => ({
  key,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...more,
})
const body = { tag: 'BODY', type: '', role: null }

describe('key presses', () => {
  it('are spelt as the table spells them', () => {
    expect(spell(press('r'))).toBe('r')
    expect(spell(press('R', { shiftKey: true }))).toBe('Shift+R')
    expect(spell(press('O', { ctrlKey: true }))).toBe('Ctrl+o')
    expect(spell(press('o', { metaKey: true }))).toBe('Ctrl+o')
    expect(spell(press('?', { shiftKey: true }))).toBe('?')
    expect(spell(press('+', { shiftKey: true }))).toBe('+')
    expect(spell(press('ArrowLeft', { shiftKey: true }))).toBe('Shift+ArrowLeft')
  })
  it('find their command, capital letters by caps lock included', () => {
    expect(commandOf(press('r'))?.id).toBe('run.start')
    expect(commandOf(press('R'))?.id).toBe('run.start')
    expect(commandOf(press('R', { shiftKey: true }))?.id).toBe('run.all')
    expect(commandOf(press(' '))?.id).toBe('play.toggle')
    expect(commandOf(press('r', { altKey: true }))).toBeUndefined()
  })
  it('are read as a person reads them', () => {
    expect(readKeys('Shift+ArrowLeft')).toEqual(['Shift', '←'])
    expect(readKeys(' ')).toEqual(['Space'])
    expect(readKeys('+')).toEqual(['+'])
    expect(readKeys('Ctrl+o')).toEqual(['Ctrl', 'O'])
  })
})

describe('controls that have the focus', () => {
  it('keep what they need themselves', () => {
    expect(keptByControl(press('r'), { tag: 'INPUT', type: 'text', role: null })).toBe(true)
    expect(keptByControl(press('ArrowUp'), { tag: 'INPUT', type: 'range', role: null })).toBe(true)
    expect(keptByControl(press(' '), { tag: 'BUTTON', type: '', role: null })).toBe(true)
    expect(keptByControl(press('h'), { tag: 'SELECT', type: '', role: null })).toBe(true)
  })
  it('undo what was typed in them', () => {
    const undo = press('z', { ctrlKey: true })
    expect(keptByControl(undo, { tag: 'INPUT', type: 'text', role: null })).toBe(true)
    expect(keptByControl(undo, { tag: 'DIV', type: '', role: 'listbox' })).toBe(false)
  })
  it('leave the rest to the commands', () => {
    expect(keptByControl(press('r'), { tag: 'INPUT', type: 'range', role: null })).toBe(false)
    expect(keptByControl(press('r'), { tag: 'BUTTON', type: '', role: null })).toBe(false)
    expect(keptByControl(press('k', { ctrlKey: true }), { tag: 'INPUT', type: 'text', role: null })).toBe(false)
    expect(keptByControl(press('ArrowLeft'), body)).toBe(false)
    // a radio button that is chosen has no use for Space: it plays
    expect(keptByControl(press(' '), { tag: 'INPUT', type: 'radio', role: null })).toBe(false)
    expect(keptByControl(press(' '), { tag: 'INPUT', type: 'checkbox', role: null })).toBe(true)
  })
})

import { defineStore } from 'pinia'
import { isCancelled, messageOf } from '../../contract/errors.ts'

/** Sentences for the person: errors stay until dismissed, the rest leave after a while. */
export interface Notice {
  id: number
  kind: 'error' | 'warning' | 'note'
  text: string
  /** what can be done about it, by a button */
  action?: { label: string; run: () => void }
}

let nextId = 0

export const useNotices = defineStore('notices', {
  state: () => ({ list: [] as Notice[] }),
  actions: {
    say(kind: Notice['kind'], text: string): void {
      if (text && !this.list.some((notice) => notice.text === text)) this.add({ kind, text })
    },
    /** returns its id */
    add(notice: Omit<Notice, 'id'>): number {
      const id = nextId++
      this.list = [...this.list.slice(-3), { id, ...notice }]
      if (notice.kind === 'note') setTimeout(() => this.dismiss(id), 8000)
      return id
    },
    /** what a failed call says; a cancelled one is no failure */
    fail(error: unknown): void {
      if (!isCancelled(error)) this.say('error', messageOf(error))
    },
    dismiss(id: number): void {
      this.list = this.list.filter((notice) => notice.id !== id)
    },
  },
})

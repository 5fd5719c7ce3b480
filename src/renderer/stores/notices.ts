import { defineStore } from 'pinia'
import { isCancelled, messageOf } from '../../contract/errors.ts'

/** Sentences for the person: errors stay until dismissed, the rest leave after a while. */
export interface Notice {
  id: number
  kind: 'error' | 'warning' | 'note'
  text: string
}

let nextId = 0

export const useNotices = defineStore('notices', {
  state: () => ({ list: [] as Notice[] }),
  actions: {
    say(kind: Notice['kind'], text: string): void {
      if (!text || this.list.some((notice) => notice.text === text)) return
      const id = nextId++
      this.list = [...this.list.slice(-3), { id, kind, text }]
      if (kind === 'note') setTimeout(() => this.dismiss(id), 8000)
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

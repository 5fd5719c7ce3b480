import { defineStore } from 'pinia'
import { isCancelled, messageOf } from '../../contract/errors.ts'
import type { HubAccount, HubCard, HubListing, UpdateCard } from '../../contract/hub.ts'
import { engine } from '../engine.ts'

/** What is known of models on the hub. Reading the catalogue and the account asks nobody; `look` and `checkUpdates` ask the hub. */

/** what may fail by itself; a failure is shown where its button is */
export type HubAsk = 'catalogue' | 'account' | 'updates' | 'token' | 'remove' | `look ${string}`

export const useHub = defineStore('hub', {
  state: () => ({
    cards: [] as HubCard[],
    account: null as HubAccount | null,
    /** what the hub said, by repository */
    listings: {} as Record<string, HubListing>,
    /** the repository looked at last in the list of models */
    chosen: null as string | null,
    updates: null as UpdateCard[] | null,
    busy: [] as HubAsk[],
    failures: {} as Partial<Record<HubAsk, string>>,
  }),
  getters: {
    card: (state) => (repo: string) => state.cards.find((one) => one.repo === repo) ?? null,
    /** the hub's name for buttons: "huggingface.co", or the mirror's */
    host: (state): string => (state.account ? new URL(state.account.endpoint).host : 'huggingface.co'),
  },
  actions: {
    async attempt(ask: HubAsk, work: () => Promise<void>): Promise<void> {
      this.busy = [...this.busy, ask]
      this.failures = { ...this.failures, [ask]: '' }
      try {
        await work()
      } catch (error) {
        const text = messageOf(error)
        if (!isCancelled(error)) this.failures = { ...this.failures, [ask]: text }
      } finally {
        this.busy = this.busy.filter((one) => one !== ask)
      }
    },
    async load(): Promise<void> {
      await Promise.all([
        this.attempt('catalogue', async () => {
          this.cards = await engine['hub.catalogue']({})
        }),
        this.attempt('account', async () => {
          this.account = await engine['hub.account']({})
        }),
      ])
    },
    /** asks the hub about `model`, a catalogue id or owner/name, and answers the repository it is */
    async look(model: string): Promise<string | null> {
      let repo: string | null = null
      await this.attempt(`look ${model}`, async () => {
        const listing = await engine['hub.look']({ model })
        this.listings = { ...this.listings, [listing.repo]: listing }
        repo = listing.repo
      })
      return repo
    },
    /** what was said of a repository is old once its files are deleted */
    forget(repo: string): void {
      this.listings = Object.fromEntries(Object.entries(this.listings).filter(([one]) => one !== repo))
    },
    async checkUpdates(): Promise<void> {
      await this.attempt('updates', async () => {
        this.updates = await engine['hub.updates']({})
      })
    },
    async remove(repo: string): Promise<void> {
      await this.attempt('remove', async () => {
        await engine['hub.remove']({ repo })
        this.forget(repo)
        this.cards = await engine['hub.catalogue']({})
      })
    },
    /** the keychain where there is one, else for as long as the engine runs; null forgets it */
    async keepToken(token: string | null): Promise<void> {
      await this.attempt('token', async () => {
        const kept = (await window.shell?.keepToken(token)) ?? false
        this.account = kept ? await engine['hub.account']({}) : await engine['hub.token']({ token })
      })
    },
  },
})

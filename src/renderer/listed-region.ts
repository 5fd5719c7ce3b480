import type { NamedRegion } from '../contract/regions.ts'

/** A region as lists and plots show it: kept, or only proposed. */
export interface ListedRegion {
  region: NamedRegion
  proposed: boolean
}

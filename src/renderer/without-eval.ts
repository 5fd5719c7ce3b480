import { config } from 'zod'

// The schema library asks whether it may compile code; under our policy the mere question is reported as a violation.
config({ jitless: true })

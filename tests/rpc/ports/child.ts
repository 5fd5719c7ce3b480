import { channelPort } from '../../../src/rpc/ports/emitter.ts'
import { serve } from '../../../src/rpc/serve.ts'
import { trial, trialHandlers } from '../contract.ts'

/** A process to fork: serves the trial contract to its parent. */
serve(trial, trialHandlers({ aborted: 0, subscribed: 0 }), channelPort(process))

import { appendFileSync } from 'node:fs'
import { registerHooks } from 'node:module'

/** Loaded before a program: writes the address of every module it loads into the file that LOADED names. */
registerHooks({
  load: (url, context, next) => {
    appendFileSync(process.env.LOADED!, `${url}\n`)
    return next(url, context)
  },
})

import { openRecording } from '../../src/engine/audio/open.ts'

/** One recording opened in a process of its own, for import.ts: milliseconds, and its peak of resident bytes. */
const began = performance.now()
await openRecording(process.argv[2]!)
const milliseconds = performance.now() - began
// kilobytes on every system that has it
console.log(JSON.stringify({ milliseconds, resident: process.resourceUsage().maxRSS * 1024 }))

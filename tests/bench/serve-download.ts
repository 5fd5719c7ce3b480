import { startHub } from '../support/hub-server.ts'

/** The far end of `download.ts`, in a process of its own as a server is: prints the file's address, then answers until it is killed. */
const hub = await startHub()
console.log(hub.file('file.bin', { generated: Number(process.argv[2]) }))

import { startHub } from '../support/hub-server.ts'

/** The far end of `download.ts`, in a process of its own as a server is: prints the hub's address, then answers until it is killed. */
const hub = await startHub()
hub.commit('some/model', { files: { 'model.onnx': { generated: Number(process.argv[2]) } } })
console.log(hub.endpoint)

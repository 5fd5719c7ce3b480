import { deviceCard } from '../../src/engine/inference/devices.ts'

/** Ends with exit code 0 where a WebGPU provider starts in this environment. */
const { works } = await deviceCard('webgpu')
// neither onnxruntime nor the driver is let into its exit handlers
process.reallyExit(works ? 0 : 1)

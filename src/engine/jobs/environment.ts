import { libraryEnvironment } from '../devices/library-environment.ts'

/** What an inference process is started with beside its parent's environment. */
export const inferenceEnvironment = (env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv => ({
  ...env,
  ...libraryEnvironment(env),
  // TF32 keeps 10 of a float's 23 bits: CUDA multiplies and convolves with it unless told not to, and no result would then
  // lie within 1e-3 of the CPU's for a reason that nobody sees. It is read once, when CUDA's libraries are loaded
  NVIDIA_TF32_OVERRIDE: '0',
})

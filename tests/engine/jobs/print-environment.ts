/** Prints what an inference process is told by its environment, and ends. */
const { NVIDIA_TF32_OVERRIDE } = process.env
console.error(JSON.stringify({ NVIDIA_TF32_OVERRIDE }))

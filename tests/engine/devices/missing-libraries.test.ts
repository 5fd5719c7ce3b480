import { spawn } from 'node:child_process'
import { copyFileSync, cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startReason } from '../../../src/engine/devices/missing-libraries.ts'
import type { LibraryPlaces } from '../../../src/engine/devices/libraries-place.ts'
import { bindingFolder, root } from '../../../src/engine/paths.ts'
import { makeElf } from '../../support/elf-file.ts'
import { createLibraryBench, type LibraryBench } from './library-bench.ts'

let bench: LibraryBench
let places: LibraryPlaces
beforeEach(async () => {
  bench = await createLibraryBench()
  places = { ...bench.places, manifest: { ...bench.places.manifest } }
})
afterEach(() => bench.close())

const x64 = (...needed: string[]): Buffer => makeElf({ needed, machine: 62 })
const driver = (version = '535.54.03'): void => {
  bench.systemFile('usr/lib/x86_64-linux-gnu/libcuda.so.1', x64())
  bench.systemFile('dev/nvidia0', '')
  bench.systemFile(
    'proc/driver/nvidia/version',
    `NVRM version: NVIDIA UNIX x86_64 Kernel Module  ${version}  Tue Jun  6 22:20:39 UTC 2023\nGCC version:  gcc\n`,
  )
}
const provider = (...needed: string[]): void => {
  writeFileSync(join(places.binding, 'libonnxruntime_providers_shared.so'), x64())
  writeFileSync(
    join(places.binding, 'libonnxruntime_providers_cuda.so'),
    makeElf({
      needed: [...needed, 'libcuda.so.1', 'libonnxruntime_providers_shared.so'],
      runpath: '$ORIGIN',
      machine: 62,
    }),
  )
}
const cudaInstalled = (): void => {
  for (const name of ['libcublasLt.so.12', 'libcudart.so.12']) bench.systemFile(`usr/lib64/${name}`, x64())
}
const install = 'otoscope devices install cuda (0.0 GB)'
const vague = 'OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library'
const loaderSays = (name: string): string =>
  `/onnxruntime_src/onnxruntime/core/session/provider_bridge_ort.cc:1988 onnxruntime::Provider& onnxruntime::ProviderLibrary::Get() [ONNXRuntimeError] : 1 : FAIL : Failed to load library /a/libonnxruntime_providers_cuda.so with error: ${name}: cannot open shared object file: No such file or directory\n`

test('without a driver that is what is said', () => {
  const sentence = 'there is no NVIDIA driver here (libcuda.so.1 is missing): CUDA needs version 525 or newer'
  expect(startReason('cuda', vague, places)).toBe(sentence)
  provider()
  cudaInstalled()
  expect(startReason('cuda', vague, places)).toBe(sentence)
  expect(startReason('cuda', loaderSays('libcuda.so.1'), places)).toBe(sentence)
})

test('a driver that is too old, or shows no device, is named', () => {
  driver('470.223.02')
  provider()
  cudaInstalled()
  expect(startReason('cuda', vague, places)).toBe(
    "NVIDIA's driver 470.223.02 is too old for CUDA 12: update it to version 525 or newer",
  )
  rmSync(join(places.loader.root, 'dev'), { recursive: true })
  expect(startReason('cuda', vague, places)).toMatch(/shows no device \(\/dev\/nvidia0\)/)
})

test('a driver alone lacks the provider, which can be installed', () => {
  driver()
  expect(startReason('cuda', '', places)).toBe(`onnxruntime's CUDA provider is not installed: ${install}`)
})

test('a missing library is named, by the loader or from the files alone', () => {
  driver()
  provider('libcublasLt.so.12', 'libcudart.so.12')
  bench.systemFile('usr/lib64/libcudart.so.12', x64())
  const sentence = `libcublasLt.so.12 is missing: install CUDA 12, or ${install}`
  expect(startReason('cuda', loaderSays('libcublasLt.so.12'), places)).toBe(sentence)
  expect(startReason('cuda', vague, places)).toBe(sentence)
})

test('several are all named, those that a found one needs in turn as well', () => {
  driver()
  provider('libcublas.so.12')
  bench.systemFile('usr/lib64/libcublas.so.12', x64('libcublasLt.so.12'))
  expect(startReason('cuda', vague, places)).toBe(
    `libcublasLt.so.12 and libcudart.so.12 are missing: install CUDA 12, or ${install}`,
  )
})

test('a library that is opened only once it is needed is missed too', () => {
  driver()
  provider()
  cudaInstalled()
  places.manifest.system = [...places.manifest.system, { name: 'libcudnn.so.9' }]
  expect(startReason('cuda', vague, places)).toBe(
    `libcudnn.so.9 is missing: install CUDA 12 and cuDNN 9, or ${install}`,
  )
})

test('a missing library without a driver is said with it', () => {
  expect(startReason('cuda', loaderSays('libcublasLt.so.12'), places)).toBe(
    `libcublasLt.so.12 is missing: install CUDA 12, or ${install}; and there is no NVIDIA driver here (libcuda.so.1 is missing): CUDA needs version 525 or newer`,
  )
})

test('with everything in place what onnxruntime said decides', () => {
  driver()
  provider('libcublasLt.so.12', 'libcudart.so.12')
  cudaInstalled()
  const cases = [
    [
      'CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version ; GPU=0',
      /driver is too old for CUDA 12/,
    ],
    ['CUDA failure 100: no CUDA-capable device is detected ; GPU=-1', /no GPU here that CUDA can use/],
    [
      'libx.so: undefined symbol: cudaLibraryGetKernel, version libcudart.so.12',
      /too old \(cudaLibraryGetKernel is not in them\)/,
    ],
    ['CUDA failure 2: out of memory ; GPU=0', /no memory left/],
    ['a.cc:12 [ONNXRuntimeError] : 1 : FAIL : something else\nmore', /^something else$/],
    ['', /^it does not start and says nothing$/],
  ] as const
  for (const [message, sentence] of cases) expect(startReason('cuda', message, places)).toMatch(sentence)
})

test('WebGPU lacks a Vulkan loader, or an adapter', () => {
  const message = 'Failed to get a WebGPU adapter: No supported adapters. '
  expect(startReason('webgpu', message, places)).toMatch(/no Vulkan loader \(libvulkan\.so\.1\)/)
  bench.systemFile('usr/lib64/libvulkan.so.1', x64())
  expect(startReason('webgpu', message, places)).toMatch(/no graphics adapter that WebGPU accepts: is the GPU's Vulkan/)
  expect(startReason('webgpu', message, { ...places, system: 'win32-x64' })).toBe(
    'there is no graphics adapter that WebGPU accepts',
  )
})

test('other providers give a sentence without the place in the source', () => {
  const from = (what: string): string => `/src/x.cc:10 [ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : ${what}\nstack`
  expect(startReason('dml', from('x failed 887A0004'), { ...places, system: 'win32-x64' })).toMatch(/DirectX 12/)
  expect(startReason('dml', from('Exception during initialization'), places)).toBe('Exception during initialization')
  expect(startReason('coreml', from('CoreML is not supported here'), places)).toMatch(/^CoreML .*: CoreML is not/)
  expect(startReason('cpu', from('anything'), places)).toBe('anything')
  expect(startReason('cuda', 'anything', { ...places, system: 'win32-x64' })).toMatch(/Linux x64 only/)
})

/** onnxruntime-node with a folder for its libraries of its own, asked for CUDA; what it prints. */
const realOnnxruntime = async (env: NodeJS.ProcessEnv): Promise<string> => {
  const home = join(places.binding, '..', 'node_modules')
  const own = join(home, 'onnxruntime-node')
  const libraries = join(own, 'bin', 'napi-v6', process.platform, process.arch)
  mkdirSync(libraries, { recursive: true })
  for (const part of ['dist', 'package.json'])
    cpSync(join(root, 'node_modules/onnxruntime-node', part), join(own, part), { recursive: true })
  symlinkSync(join(root, 'node_modules/onnxruntime-common'), join(home, 'onnxruntime-common'))
  for (const name of ['libonnxruntime.so.1', 'onnxruntime_binding.node'])
    copyFileSync(join(bindingFolder, name), join(libraries, name))
  for (const name of places.manifest.provider) symlinkSync(join(places.binding, name), join(libraries, name))
  const script = `import(${JSON.stringify(join(own, 'dist/index.js'))}).then(({ default: ort }) =>
    ort.InferenceSession.create(Buffer.from('CAg6PQoOCgF4CgF4EgF5IgNBZGQSAWdaEwoBeBIOCgwIARIICgIIAQoCCARiEwoBeRIOCgwIARIICgIIAQoCCARCBAoAEA0=', 'base64'),
      { executionProviders: ['cuda'] })).catch((error) => console.error(error.message))`
  const child = spawn(process.execPath, ['-e', script], { cwd: dirname(home), env: { ...process.env, ...env } })
  const [out, said] = await Promise.all([text(child.stdout), text(child.stderr)])
  return out + said
}

test.runIf(process.platform === 'linux' && process.arch === 'x64')(
  "the library named from files alone is the one that onnxruntime's own loader misses, until its folder is named",
  async () => {
    // beside the real one, as links, just as they are installed
    provider('libotoscope-test.so.12')
    for (const name of places.manifest.provider)
      writeFileSync(
        join(places.binding, name),
        makeElf({ needed: ['libc.so.6', 'libotoscope-test.so.12'], machine: 62 }),
      )
    const folder = join(places.binding, '..', 'cuda')
    mkdirSync(folder)
    writeFileSync(join(folder, 'libotoscope-test.so.12'), x64('libc.so.6'))
    const here: LibraryPlaces = { ...places, loader: { libraryPath: '', root: '/' } }
    const said = await realOnnxruntime({ LD_LIBRARY_PATH: '' })
    expect(said).toContain('libotoscope-test.so.12: cannot open shared object file')
    expect(startReason('cuda', said, here)).toMatch(/^libotoscope-test\.so\.12\b/)
    expect(startReason('cuda', vague, here)).toMatch(/^libotoscope-test\.so\.12\b/)
    rmSync(join(places.binding, '..', 'node_modules'), { recursive: true })
    const found = await realOnnxruntime({ LD_LIBRARY_PATH: folder })
    expect(found).not.toContain('cannot open shared object file')
  },
)

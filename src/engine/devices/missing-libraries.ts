import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { ProviderId } from '../../contract/run.ts'
import { libraryCard } from './libraries.ts'
import { theseLibraries, type LibraryPlaces } from './libraries-place.ts'
import { libraryEnvironment } from './library-environment.ts'
import { libraryFinder, missingLibraries, type LoaderPlaces } from './library-search.ts'
import { driverTrouble } from './nvidia-driver.ts'

/**
 * Why an execution provider does not start, as one sentence: `message` is what onnxruntime said. Looks at the files of this
 * machine (drivers, libraries); runs nothing.
 */
export const startReason = (
  provider: ProviderId,
  message: string,
  places: LibraryPlaces = theseLibraries(),
): string => {
  const said = plainMessage(message)
  switch (provider) {
    case 'cuda':
      return cudaReason(message, places) || said
    case 'webgpu':
      return webgpuReason(message, places) || said
    case 'dml':
      return directmlReason(message) || said
    case 'coreml':
      return /not (been )?(available|registered|supported)/i.test(message)
        ? `CoreML does not accept this graph or is not there (macOS 10.15 or newer has it): ${said}`
        : said
    case 'cpu':
      return said
  }
}

/** Without the place in onnxruntime's source, its own prefix and what follows the first sentence's line. */
const plainMessage = (message: string): string =>
  (message.split('\n').find((line) => line.trim() !== '') ?? '')
    .replace(/^.*?\[ONNXRuntimeError\]\s*:\s*\d+\s*:\s*[A-Z_]+\s*:\s*/, '')
    .replace(/^(Non-zero status code returned|Error): /, '')
    .replace(/^\S*\.cc:\d+\s+/, '')
    .trim() || 'it does not start and says nothing'

/** As the loader says it: "libcublasLt.so.12: cannot open shared object file". */
const notFound = /([\w+.-]+\.so[\w.]*): cannot open shared object file/

/** A name that a library wanted of another and did not find there: that one is of an older version. */
const undefinedSymbol = /undefined symbol: (\w+)(?:, version ([\w.]+))?/

const cudaReason = (message: string, places: LibraryPlaces): string => {
  if (places.system !== 'linux-x64')
    return "onnxruntime-node has CUDA on Linux x64 only: 'auto' takes what this system has"
  const loader = withOurs(places)
  const named = notFound.exec(message)?.[1]
  const missing = namesOf(named, places, loader)
  const driver = driverTrouble(loader, places.manifest.driver)
  if (missing.length > 0) return `${missingSentence(missing, places)}${driver && `; and ${driver}`}`
  if (driver) return driver
  if (!hasProvider(places)) return `onnxruntime's CUDA provider is not installed: ${installCommand(places)}`
  const symbol = undefinedSymbol.exec(message)?.[1]
  if (symbol)
    return `the CUDA libraries of this system are too old (${symbol} is not in them): install CUDA 12.9 and cuDNN 9`
  if (/insufficient for CUDA runtime|CUDA failure 35\b/.test(message))
    return `NVIDIA's driver is too old for CUDA 12: update it to version ${places.manifest.driver} or newer`
  if (/no CUDA-capable device|CUDA failure 100\b/.test(message)) return 'there is no GPU here that CUDA can use'
  if (/out of memory|CUDA failure 2\b/i.test(message))
    return 'the GPU has no memory left: end other programs that use it'
  return ''
}

const withOurs = (places: LibraryPlaces): LoaderPlaces => {
  const given = { LD_LIBRARY_PATH: places.loader.libraryPath }
  return {
    ...places.loader,
    libraryPath: libraryEnvironment(given, places).LD_LIBRARY_PATH ?? places.loader.libraryPath,
  }
}

const hasProvider = ({ manifest, binding }: LibraryPlaces): boolean =>
  manifest.provider.every((name) => existsSync(join(binding, name)))

/** The one the loader named first, then what the provider wants in vain; the driver's and the provider's own are spoken of apart. */
const namesOf = (named: string | undefined, places: LibraryPlaces, loader: LoaderPlaces): string[] => {
  const provider = places.manifest.provider.map((name) => join(places.binding, name)).filter((path) => existsSync(path))
  const find = libraryFinder(loader)
  // cuDNN is opened only once it is needed, so no library names it as its own need
  const opened = hasProvider(places) ? places.manifest.system.map(({ name }) => name).filter((name) => !find(name)) : []
  const names = [...(named ? [named] : []), ...provider.flatMap((path) => missingLibraries(path, loader)), ...opened]
  return [...new Set(names)].filter((name) => name !== 'libcuda.so.1' && !name.startsWith('libonnxruntime'))
}

const missingSentence = (names: string[], places: LibraryPlaces): string => {
  const [first = '', ...rest] = names
  const subject =
    rest.length > 0
      ? `${rest
          .slice(0, -1)
          .map((name) => `, ${name}`)
          .join('')} and ${rest.at(-1)} are`
      : ' is'
  return `${first}${subject} missing: install CUDA 12${names.some((name) => name.startsWith('libcudnn')) ? ' and cuDNN 9' : ''}, or ${installCommand(places)}`
}

const installCommand = (places: LibraryPlaces): string => {
  const { id, bytes } = libraryCard(places)
  return `otoscope devices install ${id} (${(bytes.download / 1e9).toFixed(1)} GB)`
}

const webgpuReason = (message: string, { system, loader }: LibraryPlaces): string => {
  const isLinux = system.startsWith('linux')
  if (isLinux && !libraryFinder(loader)('libvulkan.so.1'))
    return 'there is no Vulkan loader (libvulkan.so.1): install it, on Debian and Ubuntu as libvulkan1'
  if (/no supported adapters|failed to get a? ?webgpu adapter|no adapter/i.test(message))
    return `there is no graphics adapter that WebGPU accepts${isLinux ? ": is the GPU's Vulkan driver installed?" : ''}`
  if (/device (was )?lost|failed to (get|create) a? ?webgpu device/i.test(message))
    return 'the graphics adapter does not give WebGPU what onnxruntime needs: update its driver'
  return ''
}

const directmlReason = (message: string): string => {
  // HRESULTs: DXGI_ERROR_NOT_FOUND, DXGI_ERROR_UNSUPPORTED, DXGI_ERROR_DEVICE_REMOVED
  if (/887A0002|887A0004|no (suitable )?adapter/i.test(message)) return 'there is no graphics adapter with DirectX 12'
  if (/887A0005|device removed/i.test(message)) return 'the graphics driver ended: update it, or restart the machine'
  if (/DirectML\.dll|LoadLibrary failed/i.test(message))
    return 'DirectML.dll does not load: DirectML needs Windows 10 (1903) or newer'
  return ''
}

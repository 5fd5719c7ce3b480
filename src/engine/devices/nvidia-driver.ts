import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { libraryFinder, type LoaderPlaces } from './library-search.ts'

/** Windows' own driver serves Linux inside it through this device. */
const devices = ['dev/nvidia0', 'dev/nvidiactl', 'dev/dxg']

/**
 * What is wrong with NVIDIA's driver for CUDA, as one sentence; empty where nothing is, as far as files tell. `oldest` is the first
 * part of the lowest version that will do.
 */
export const driverTrouble = (places: LoaderPlaces, oldest: number): string => {
  const find = libraryFinder(places)
  if (find('libcuda.so.1') === null && !existsSync(join(places.root, 'usr/lib/wsl/lib/libcuda.so.1')))
    return `there is no NVIDIA driver here (libcuda.so.1 is missing): CUDA needs version ${oldest} or newer`
  if (!devices.some((device) => existsSync(join(places.root, device))))
    return "NVIDIA's driver is installed and shows no device (/dev/nvidia0): is there an NVIDIA GPU, and may this program use it?"
  const version = driverVersion(places.root)
  if (version !== null && Number.parseInt(version, 10) < oldest)
    return `NVIDIA's driver ${version} is too old for CUDA 12: update it to version ${oldest} or newer`
  return ''
}

/** "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.54.03  …"; null where the system does not say */
const driverVersion = (root: string): string | null => {
  const path = join(root, 'proc/driver/nvidia/version')
  return existsSync(path) ? (/\s(\d{3,}\.\d+(?:\.\d+)?)\s/.exec(readFileSync(path, 'utf8'))?.[1] ?? null) : null
}

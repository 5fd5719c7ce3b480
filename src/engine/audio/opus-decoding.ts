import { readFile } from 'node:fs/promises'
import { EngineError } from '../../contract/errors.ts'
import type { Decoding, NamedFile } from './audio.ts'
import { oggPackets, type OggPacket } from './ogg.ts'
import { createPace } from '../pace.ts'
import { trimBlocks } from './trim.ts'

/** Ogg Opus (RFC 7845) without ffmpeg, by libopus in WebAssembly; always at 48 kHz. */

const rate = 48_000

interface OpusHead {
  channels: number
  preSkip: number
  /** factor on every sample */
  gain: number
  streams: number
  coupled: number
  mapping: number[]
}

const readHead = (bytes: Uint8Array): OpusHead | null => {
  if (bytes.length < 19 || Buffer.from(bytes.subarray(0, 8)).toString('latin1') !== 'OpusHead') return null
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const channels = bytes[9]!
  const preSkip = view.getUint16(10, true)
  const gain = 10 ** (view.getInt16(16, true) / 256 / 20)
  if (bytes[18] === 0)
    return { channels, preSkip, gain, streams: 1, coupled: channels - 1, mapping: [0, 1].slice(0, channels) }
  if (bytes.length < 21 + channels) return null
  return {
    channels,
    preSkip,
    gain,
    streams: bytes[19]!,
    coupled: bytes[20]!,
    mapping: [...bytes.subarray(21, 21 + channels)],
  }
}

const damaged = (name: string): EngineError =>
  new EngineError('bad-recording', `${name} cannot be decoded as audio; it may be damaged`)

/** Frames at 48 kHz of a packet, from its first byte and its count of frames (RFC 6716, section 3.1). */
const packetFrames = (packet: Uint8Array): number => {
  const [toc = 0, count = 0] = packet
  const config = toc >> 3
  const celt = [120, 240, 480, 960]
  const silk = [480, 960, 1920, 2880]
  const length = config >= 16 ? celt[config & 3]! : config >= 12 ? silk[config & 1]! : silk[config & 3]!
  const code = toc & 3
  return length * (code === 0 ? 1 : code === 3 ? count & 63 : 2)
}

/** Where the sound ends, counted from the first decoded frame: the last page says it where its packets hold more. */
const soundEnd = (packets: OggPacket[]): number => {
  let decoded = 0
  let begin: number | null = null
  for (const { bytes, granule, last } of packets) {
    decoded += packetFrames(bytes)
    if (granule === null || granule < 0n) continue
    // a stream cut out of a longer one counts from where it was cut
    begin ??= last ? 0 : Math.max(0, Number(granule) - decoded)
    if (last) return Math.min(decoded, Number(granule) - begin)
  }
  return decoded
}

const allPackets = async (file: Uint8Array, signal?: AbortSignal): Promise<OggPacket[]> => {
  const pace = createPace(signal)
  const packets: OggPacket[] = []
  for (const packet of oggPackets(file)) {
    packets.push(packet)
    await pace()
  }
  return packets
}

export const opusDecoderName = 'built-in libopus'

export const decodeOpus = async ({ path, name }: NamedFile, signal?: AbortSignal): Promise<Decoding> => {
  const [first, , ...packets] = await allPackets(await readFile(path, { signal }), signal)
  const head = first && readHead(first.bytes)
  if (!head || packets.length === 0) throw damaged(name)
  return {
    rate,
    channels: head.channels,
    codec: 'opus',
    decoder: opusDecoderName,
    secondsPromised: null,
    blocks: trimBlocks(readBlocks(head, packets, name, signal), head.preSkip, soundEnd(packets)),
  }
}

async function* readBlocks(
  head: OpusHead,
  packets: OggPacket[],
  name: string,
  signal?: AbortSignal,
): AsyncGenerator<Float32Array[]> {
  const pace = createPace(signal)
  const { OpusDecoder } = await import('opus-decoder')
  const decoder = new OpusDecoder({
    channels: head.channels,
    streamCount: head.streams,
    coupledStreamCount: head.coupled,
    channelMappingTable: head.mapping,
    preSkip: 0,
  })
  await decoder.ready
  try {
    for (const { bytes } of packets) {
      await pace()
      const { channelData, samplesDecoded, errors } = decoder.decodeFrame(bytes)
      if (errors.length > 0) throw damaged(name)
      const sound = channelData.map((samples) => samples.slice(0, samplesDecoded))
      if (head.gain !== 1) for (const samples of sound) samples.forEach((value, i) => (samples[i] = value * head.gain))
      yield sound
    }
  } finally {
    decoder.free()
  }
}

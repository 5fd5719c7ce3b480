/** What a file is by its first bytes, whatever it is called. */

export type Container =
  | 'wav'
  | 'mp3'
  | 'flac'
  | 'ogg-vorbis'
  | 'ogg-opus'
  | 'ogg-flac'
  | 'ogg'
  | 'mp4'
  | 'aac'
  | 'aiff'
  | 'caf'
  | 'w64'
  | 'au'
  | 'matroska'
  | 'avi'
  | 'asf'
  | 'wavpack'
  | 'amr'
  | 'ac3'
  | 'unknown'

/** Either something to decode, or words for what it is instead ("a PNG picture"). */
export type Sniffed = { container: Container } | { notAudio: string }

/** In words, for a sentence about what cannot be decoded. */
export const containerName: Record<Container, string> = {
  wav: 'WAV',
  mp3: 'MP3',
  flac: 'FLAC',
  'ogg-vorbis': 'Ogg Vorbis',
  'ogg-opus': 'Ogg Opus',
  'ogg-flac': 'Ogg FLAC',
  ogg: 'Ogg',
  mp4: 'MP4 or M4A',
  aac: 'AAC',
  aiff: 'AIFF',
  caf: 'Core Audio',
  w64: 'Wave64',
  au: 'AU',
  matroska: 'Matroska or WebM',
  avi: 'AVI',
  asf: 'Windows Media',
  wavpack: 'WavPack',
  amr: 'AMR',
  ac3: 'AC-3',
  unknown: 'unknown',
}

/** How many bytes `sniff` likes to see. */
export const sniffLength = 4096

const latin1 = (bytes: Uint8Array, start: number, end: number): string =>
  Buffer.from(bytes.subarray(start, end)).toString('latin1')

const signatures: [start: number, magic: string, container: Container][] = [
  [0, 'fLaC', 'flac'],
  [4, 'ftyp', 'mp4'],
  [0, 'caff', 'caf'],
  [0, 'riff\x2e\x91\xcf\x11', 'w64'],
  [0, '.snd', 'au'],
  [0, '\x1a\x45\xdf\xa3', 'matroska'],
  [0, '\x30\x26\xb2\x75\x8e\x66\xcf\x11', 'asf'],
  [0, 'wvpk', 'wavpack'],
  [0, '#!AMR', 'amr'],
  [0, '\x0b\x77', 'ac3'],
]

const others: [start: number, magic: string, words: string][] = [
  [0, '\x89PNG', 'a PNG picture'],
  [0, '\xff\xd8\xff', 'a JPEG picture'],
  [0, 'GIF8', 'a GIF picture'],
  [8, 'WEBP', 'a WebP picture'],
  [0, 'BM', 'a BMP picture'],
  [0, 'II*\0', 'a TIFF picture'],
  [0, 'MM\0*', 'a TIFF picture'],
  [0, '%PDF', 'a PDF document'],
  [0, 'PK\x03\x04', 'a ZIP archive'],
  [0, '\x1f\x8b', 'a gzip archive'],
  [0, '\x7fELF', 'a program'],
  [0, 'MZ', 'a program'],
  [0, 'MThd', 'a MIDI file, which holds notes and no sound'],
  [0, 'SQLite format 3', 'a database'],
]

const isMpegFrame = (bytes: Uint8Array, at: number): boolean =>
  bytes[at] === 0xff &&
  (bytes[at + 1]! & 0xe0) === 0xe0 &&
  (bytes[at + 1]! & 0x06) !== 0 &&
  (bytes[at + 2]! & 0xf0) < 0xf0

const oggKind = (bytes: Uint8Array): Container => {
  const segments = bytes[26] ?? 0
  const first = latin1(bytes, 27 + segments, 27 + segments + 8)
  if (first.startsWith('\x01vorbis')) return 'ogg-vorbis'
  if (first.startsWith('OpusHead')) return 'ogg-opus'
  if (first.startsWith('\x7fFLAC')) return 'ogg-flac'
  return 'ogg'
}

const containerOf = (bytes: Uint8Array): Container | null => {
  const form = latin1(bytes, 8, 12)
  const head = latin1(bytes, 0, 4)
  if ((head === 'RIFF' || head === 'RF64') && form === 'WAVE') return 'wav'
  if (head === 'RIFF' && form === 'AVI ') return 'avi'
  if (head === 'FORM' && (form === 'AIFF' || form === 'AIFC')) return 'aiff'
  if (head === 'OggS') return oggKind(bytes)
  if (head.startsWith('ID3')) return 'mp3'
  const known = signatures.find(([at, magic]) => latin1(bytes, at, at + magic.length) === magic)
  if (known) return known[2]
  // ADTS has the layer bits at 0, MPEG audio never
  if (bytes[0] === 0xff && (bytes[1]! & 0xf6) === 0xf0) return 'aac'
  return isMpegFrame(bytes, 0) ? 'mp3' : null
}

const playlist =
  /^\s*(#EXTM3U|#EXTINF|ffconcat version|\[playlist\]|<\?xml[^>]*>\s*<(playlist|MPD|smil)|<asx|<MPD|<smil)/i

/** Text has no zero bytes and, decoded as UTF-8, hardly any character that is neither printable nor white space. */
const isText = (bytes: Uint8Array): boolean => {
  if (bytes.includes(0)) return false
  const text = new TextDecoder().decode(bytes)
  // eslint-disable-next-line no-control-regex -- these are what is counted
  const odd = text.match(/[\u0001-\u0008\u000e-\u001a\u001c-\u001f\u007f\ufffd]/g)?.length ?? 0
  return odd <= text.length * 0.02
}

const wideText = (bytes: Uint8Array): boolean =>
  (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)

/** `bytes`: the first `sniffLength` of the file, or all of it. */
export const sniff = (bytes: Uint8Array): Sniffed => {
  const container = containerOf(bytes)
  if (container && !(container === 'mp3' && wideText(bytes))) return { container }
  const other = others.find(([at, magic]) => latin1(bytes, at, at + magic.length) === magic)
  if (other) return { notAudio: other[2] }
  if (playlist.test(latin1(bytes, 0, 512).replace(/^\xef\xbb\xbf/, '')))
    return { notAudio: 'a playlist, which only names other files' }
  if (isText(bytes) || wideText(bytes)) return { notAudio: 'text' }
  return { container: 'unknown' }
}

const units: Record<string, number> = {
  '': 1,
  b: 1,
  k: 1e3,
  kb: 1e3,
  m: 1e6,
  mb: 1e6,
  g: 1e9,
  gb: 1e9,
  t: 1e12,
  tb: 1e12,
}
const binary: Record<string, number> = { kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30, tib: 2 ** 40 }

/** Bytes of `2GB`, `1.5 GiB`, `800M` or a plain number; null where it is no size. */
export const parseBytes = (text: string): number | null => {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim()) ?? []
  const factor = { ...units, ...binary }[unit.toLowerCase()]
  if (digits === undefined || factor === undefined) return null
  const bytes = Math.round(Number(digits) * factor)
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : null
}

import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { zipSync } from 'fflate'
import { pack } from 'tar-stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { unpack } from '../../../src/engine/devices/libraries-unpack.ts'
import { tarball } from './library-bench.ts'

let folder: string
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'unpack-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const wanted = (): Map<string, string> => new Map([['a/lib/libx.so.1', join(folder, 'out', 'libx.so.1')]])
const written = (name: string, bytes: Uint8Array): string => {
  writeFileSync(join(folder, name), bytes)
  return join(folder, name)
}
const x = Buffer.from('library x '.repeat(50_000))

test('one member comes out of a zip, compressed or stored, and of a tarball', async () => {
  const zips = ([0, 6] as const).map((level) => zipSync({ 'a/other': x, 'a/lib/libx.so.1': [x, { level }] }))
  const archives = [
    ...zips.map((zip, index) => [written(`${index}.zip`, zip), 'zip'] as const),
    [written('x.tgz', await tarball({ './a/other': x, './a/lib/libx.so.1': x })), 'tgz'] as const,
  ]
  for (const [archive, kind] of archives) {
    await unpack(archive, kind, wanted())
    expect(readFileSync(join(folder, 'out', 'libx.so.1')).equals(x)).toBe(true)
    expect(readdirSync(join(folder, 'out'))).toEqual(['libx.so.1'])
    rmSync(join(folder, 'out'), { recursive: true })
  }
})

test('names inside an archive never become paths', async () => {
  const hostile = { '../escaped.so': x, '/tmp/absolute.so': x, 'a/lib/libx.so.1': x }
  await unpack(written('x.tgz', await tarball(hostile)), 'tgz', wanted())
  expect(readdirSync(folder).sort()).toEqual(['out', 'x.tgz'])
  rmSync(join(folder, 'out'), { recursive: true })
  // a zip with such a name is refused as a whole
  await expect(unpack(written('x.zip', zipSync(hostile)), 'zip', wanted())).rejects.toThrow()
  expect(existsSync(join(folder, '..', 'escaped.so'))).toBe(false)
})

test('a link in the place of a library is none', async () => {
  const tar = pack()
  tar.entry({ name: 'a/lib/libx.so.1', type: 'symlink', linkname: '/etc/passwd' })
  tar.finalize()
  const archive = written('x.tgz', gzipSync(await buffer(tar as AsyncIterable<Uint8Array> as never)))
  await expect(unpack(archive, 'tgz', wanted())).rejects.toMatchObject({ code: 'bad-download' })
})

test('what is missing is named, and a damaged archive leaves nothing', async () => {
  for (const kind of ['zip', 'tgz'] as const) {
    const bytes = kind === 'zip' ? zipSync({ 'a/other': x }) : await tarball({ 'a/other': x })
    await expect(unpack(written('x', bytes), kind, wanted())).rejects.toThrow(/a\/lib\/libx\.so\.1 is not in/)
    const whole = kind === 'zip' ? zipSync({ 'a/lib/libx.so.1': x }) : await tarball({ 'a/lib/libx.so.1': x })
    await expect(unpack(written('x', whole.subarray(0, whole.length / 2)), kind, wanted())).rejects.toThrow()
    expect(existsSync(join(folder, 'out')) ? readdirSync(join(folder, 'out')) : []).toEqual([])
  }
})

test('it ends when it is told to', async () => {
  for (const kind of ['zip', 'tgz'] as const) {
    const bytes = kind === 'zip' ? zipSync({ 'a/lib/libx.so.1': x }) : await tarball({ 'a/lib/libx.so.1': x })
    const ending = unpack(written('x', bytes), kind, wanted(), { signal: AbortSignal.abort() })
    await expect(ending).rejects.toThrow()
    expect(existsSync(join(folder, 'out', 'libx.so.1'))).toBe(false)
  }
})

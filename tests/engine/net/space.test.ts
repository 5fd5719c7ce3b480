import { statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkSpace } from '../../../src/engine/net/space.ts'

test('room that is there is enough, also for a folder that is yet to be made', async () => {
  await checkSpace(tmpdir(), 1)
  await checkSpace(join(tmpdir(), 'not', 'there', 'yet'), 1)
})

test('a disk without room is refused with what is needed and what is free', async () => {
  await expect(checkSpace(join(tmpdir(), 'not-there'), 5e15)).rejects.toMatchObject({
    code: 'no-space',
    message: expect.stringMatching(
      /^5000000\.0 GB are needed and [\d.]+ [GM]B are free on the disk of .*not-there; /,
    ) as string,
    detail: { needed: 5e15 },
  })
})

test('a disk is not filled to its last byte', async () => {
  const { bavail, bsize } = await statfs(tmpdir())
  await expect(checkSpace(tmpdir(), bavail * bsize)).rejects.toMatchObject({ code: 'no-space' })
})

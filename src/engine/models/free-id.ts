/** `name`, or `name-2`, `name-3` … : the first that is not taken. */
export const freeId = (name: string, isTaken: (id: string) => boolean): string => {
  for (let n = 1; ; n++) {
    const id = n === 1 ? name : `${name}-${n}`
    if (!isTaken(id)) return id
  }
}

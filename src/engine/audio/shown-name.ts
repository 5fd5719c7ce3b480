import { basename } from 'node:path'

/** A file's own name as a sentence can hold it: on one line, line breaks and other control characters written out. */
export const shownName = (path: string): string =>
  basename(path).replace(
    // eslint-disable-next-line no-control-regex -- these are what is looked for
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

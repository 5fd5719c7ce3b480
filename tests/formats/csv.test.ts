import { expect, test } from 'vitest'
import { csvLine, writeCsv } from '../../src/formats/csv.ts'

test('a table has a header, CRLF line ends and empty fields for null', () => {
  expect(
    writeCsv(
      ['name', 'seconds'],
      [
        ['thunder', 27.25],
        ['chimes', null],
      ],
    ),
  ).toBe('name,seconds\r\nthunder,27.25\r\nchimes,\r\n')
})

test('commas, quotes and line breaks are quoted', () => {
  expect(csvLine(['a,b', 'say "hi"', 'two\nlines'])).toBe('"a,b","say ""hi""","two\nlines"\r\n')
})

test('text that would be a formula is defused, a negative number is not', () => {
  expect(csvLine(['=1+1', '+x', '-x', '@x', -1.5])).toBe("'=1+1,'+x,'-x,'@x,-1.5\r\n")
  expect(csvLine(['=cmd|"x",1'])).toBe('"\'=cmd|""x"",1"\r\n')
})
